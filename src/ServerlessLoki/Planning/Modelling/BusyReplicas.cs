namespace ServerlessLoki.Planning.Modelling;

/// <summary>Number of replicas with which rows rarely wait for one to become free.</summary>
internal static class BusyReplicas
{
    /// <summary>Share of rows that may wait longer than planned, 0..1: half of the deadline misses that a rehearsal accepts.</summary>
    private const double Late = 0.0025;

    /// <summary>Computes the fewest replicas with which no more than a few rows in a thousand wait longer than allowed.</summary>
    /// <remarks>A row waits if it finds all n busy, which Erlang's loss formula gives, and too long if none of them is done within the wait; each
    /// may be anywhere in its batch. With n ≥ L / w none waits too long whatever the load, if the replicas take turns.</remarks>
    /// <param name="latencyUs">Time L of a batch, microseconds.</param>
    /// <param name="waitUs">Longest wait w of a row, microseconds; above 0.</param>
    /// <param name="offered">Replicas that the load keeps busy on average.</param>
    public static int Least(double latencyUs, double waitUs, double offered)
    {
        var most = (int)Math.Min(int.MaxValue, Math.Ceiling((latencyUs / waitUs) - 1e-9));
        var stillBusy = Math.Max(0, 1 - (waitUs / latencyUs));
        var (allBusy, noneDone) = (1.0, 1.0);
        for (var n = 1; n < most; n++)
        {
            allBusy = offered * allBusy / (n + (offered * allBusy));
            noneDone *= stillBusy;
            if (allBusy * noneDone <= Late)
                return n;
        }

        return Math.Max(1, most);
    }
}

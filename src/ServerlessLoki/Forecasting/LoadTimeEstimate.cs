namespace ServerlessLoki.Forecasting;

/// <summary>How long a slot loads and warms a variant before it serves, from the loads seen lately. Not thread-safe.</summary>
/// <remarks>Variants differ, and a plan must wait for its slowest; but one load that met a stall of the machine is not what the next ones
/// take. So it is the 90th percentile of the last 32.</remarks>
public sealed class LoadTimeEstimate
{
    private const int Kept = 32;
    private const double Share = 0.9;
    private readonly SampleWindow _microseconds = new(Kept);

    /// <summary>What is to be expected; zero before anything was loaded.</summary>
    public TimeSpan Current { get; private set; }

    /// <summary>A slot loaded a variant.</summary>
    /// <param name="load">From its begin until the slot was warm; at least 0.</param>
    public void Observe(TimeSpan load)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(load, TimeSpan.Zero);
        _microseconds.Add(load.TotalMicroseconds);
        var sorted = new double[_microseconds.Count];
        for (var age = 0; age < sorted.Length; age++)
            sorted[age] = _microseconds[age];
        Array.Sort(sorted);
        Current = TimeSpan.FromMicroseconds(sorted[(int)Math.Ceiling(Share * sorted.Length) - 1]);
    }
}

namespace ServerlessLoki.Cli.Load;

/// <summary>Phase of a load whose rate changes linearly from one value to another.</summary>
/// <param name="Name">Name for display; phases of the same name are told apart by their position.</param>
/// <param name="FromQps">Queries per second at the start; at least 0.</param>
/// <param name="ToQps">Queries per second at the end; at least 0.</param>
/// <param name="Duration">Length of the phase; above 0.</param>
internal sealed record LoadPhase(string Name, double FromQps, double ToQps, TimeSpan Duration)
{
    /// <summary>Expected number of queries in the phase: the area under the rate.</summary>
    public double ExpectedQueries => (FromQps + ToQps) / 2 * Duration.TotalSeconds;

    /// <summary>Returns the rate at a time after the start, queries per second.</summary>
    public double RateAt(TimeSpan sinceStart) =>
        FromQps + ((ToQps - FromQps) * Math.Clamp(sinceStart / Duration, 0, 1));
}

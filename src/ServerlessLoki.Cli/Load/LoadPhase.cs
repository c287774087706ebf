namespace ServerlessLoki.Cli.Load;

/// <summary>A stretch of time whose rate goes in a straight line from one value to another.</summary>
/// <param name="Name">For people; phases of the same name are still told apart by their place.</param>
/// <param name="FromQps">Queries per second at its start; at least 0.</param>
/// <param name="ToQps">Queries per second at its end; at least 0.</param>
/// <param name="Duration">Above 0.</param>
internal sealed record LoadPhase(string Name, double FromQps, double ToQps, TimeSpan Duration)
{
    /// <summary>Queries expected in it: the area under the rate.</summary>
    public double ExpectedQueries => (FromQps + ToQps) / 2 * Duration.TotalSeconds;

    /// <summary>Rate at a time after its start, queries per second.</summary>
    public double RateAt(TimeSpan sinceStart) =>
        FromQps + ((ToQps - FromQps) * Math.Clamp(sinceStart / Duration, 0, 1));
}

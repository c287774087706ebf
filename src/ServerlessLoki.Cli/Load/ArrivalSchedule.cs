using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Cli.Load;

/// <summary>Conversion of phases to intended send times. Pure: the same arguments give the same times.</summary>
/// <remarks>
/// With rate r(t) the expected count is Λ(t) = ∫ r. A metronome sends where Λ passes ½, 1½, 2½, …; a Poisson process
/// sends where Λ passes the sums of unit exponentials (time change). Both carry over from phase to phase, so a boundary
/// neither loses nor adds a query.
/// </remarks>
internal static class ArrivalSchedule
{
    /// <summary>Makes all send times, ascending.</summary>
    public static Arrival[] Build(IReadOnlyList<LoadPhase> phases, ArrivalKind kind, ulong seed)
    {
        var arrivals = new List<Arrival>();
        var random = new StreamRandom(seed);
        var target = kind == ArrivalKind.Constant ? 0.5 : random.NextExponential();
        double area = 0;
        double startSeconds = 0;
        for (var p = 0; p < phases.Count; p++)
        {
            var phase = phases[p];
            var expected = phase.ExpectedQueries;
            while (target < area + expected)
            {
                var at = startSeconds + Invert(phase, target - area);
                arrivals.Add(new Arrival((long)Math.Round(at * 1e6), p));
                target += kind == ArrivalKind.Constant ? 1 : random.NextExponential();
            }

            area += expected;
            startSeconds += phase.Duration.TotalSeconds;
        }

        return [.. arrivals];
    }

    /// <summary>Computes the seconds into the phase at which the area under its rate reaches <paramref name="area"/>.</summary>
    /// <remarks>Solves from·t + (to − from)/(2D)·t² = area in the form that has no cancellation for small slopes.</remarks>
    private static double Invert(LoadPhase phase, double area)
    {
        var duration = phase.Duration.TotalSeconds;
        var slope = (phase.ToQps - phase.FromQps) / duration;
        var root = Math.Sqrt(Math.Max(0, (phase.FromQps * phase.FromQps) + (2 * slope * area)));
        var sum = phase.FromQps + root;
        return sum <= 0 ? 0 : Math.Min(duration, 2 * area / sum);
    }
}

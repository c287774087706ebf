using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary>How one figure of <c>unified</c> stands to a rival's: −1 worse, 0 equal, 1 better.</summary>
internal static class Verdict
{
    /// <summary>Differences up to this are none: 0.05 points of violations or accuracy.</summary>
    private const double Points = 5e-4;

    /// <summary>Relative differences of cost up to this are none.</summary>
    private const double Cost = 5e-3;

    public static int OfShare(Estimate ours, Estimate theirs, bool isHigherBetter) => Of(ours, theirs, isHigherBetter, Points);

    public static int OfCost(Estimate ours, Estimate theirs) => Of(ours, theirs, isHigherBetter: false, Cost * Math.Abs(theirs.Mean));

    private static int Of(Estimate ours, Estimate theirs, bool isHigherBetter, double tolerance)
    {
        var difference = ours.Mean - theirs.Mean;
        // NaN: one served nothing, so that it has no accuracy.
        if (double.IsNaN(difference))
            return double.IsNaN(ours.Mean) == double.IsNaN(theirs.Mean) ? 0 : double.IsNaN(ours.Mean) ? -1 : 1;
        if (Math.Abs(difference) <= Math.Max(tolerance, Half(ours) + Half(theirs)))
            return 0;
        return difference > 0 == isHigherBetter ? 1 : -1;
    }

    // Of one run nothing is known but its mean.
    private static double Half(Estimate estimate) => double.IsNaN(estimate.Confidence95) ? 0 : estimate.Confidence95;
}

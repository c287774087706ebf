using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Demand to plan for where models take time to load: a removed replica must be loaded again before it serves, and a missing one
/// serves only after its load.</summary>
/// <remarks>
/// <para>The last few load times are looked at in means over half a load time or an objective, whichever is longer: what swings faster
/// no plan can follow, and head-room in rows is there for it.</para>
/// <para>Planned for is the largest mean of any length, less what chance makes of the largest of several, and a rise that chance does
/// not explain is carried on until what is loaded now serves.</para>
/// </remarks>
internal static class DemandOutlook
{
    /// <summary>Time until the next plan, seconds; means over less time are too noisy.</summary>
    private const double PeriodSeconds = 1;

    /// <summary>Size of a rise that chance does not explain, in standard deviations of a Poisson count.</summary>
    private const double Chance = 3;

    /// <summary>Excess of the largest of several means that chance explains, in standard deviations.</summary>
    private const double LargestOfSeveral = 0.5;

    /// <summary>Returns the problem with the demand to plan for; unchanged where models load at once or too little was seen.</summary>
    /// <param name="problem">The problem with the forecasts.</param>
    /// <param name="loadTimes">Length of the history to read, in load times.</param>
    public static PlanningProblem Of(PlanningProblem problem, double loadTimes)
    {
        if (problem.LoadTime <= TimeSpan.Zero || problem.Recent is not { Arrivals.IsEmpty: false } recent)
            return problem;
        var loadSeconds = problem.LoadTime.TotalSeconds;
        return problem with
        {
            Pipelines =
            [
                .. problem.Pipelines.Select((p, i) =>
                {
                    var meanSeconds = Math.Max(PeriodSeconds, Math.Max(loadSeconds / 2, p.Pipeline.SloUs * 1e-6));
                    var counts = Counts(recent, i, meanSeconds / 2, Math.Max(loadTimes * loadSeconds, 2 * meanSeconds));
                    return counts.Length < 2 ? p : p with { DemandQps = Qps(counts, meanSeconds / 2, loadSeconds) };
                }),
            ],
        };
    }

    // Whole steps only, the newest first.
    private static double[] Counts(ArrivalWindow recent, int pipeline, double step, double seconds)
    {
        var counts = new double[(int)(Math.Min(recent.Length.TotalSeconds, seconds) / step)];
        foreach (var arrival in recent.Arrivals)
        {
            var age = (int)((recent.NowUs - arrival.AtUs) / (step * 1e6));
            if (arrival.Pipeline == pipeline && age < counts.Length)
                counts[age]++;
        }

        return counts;
    }

    private static double Qps(double[] counts, double step, double loadSeconds)
    {
        var peak = Peak(counts, step);
        var pairs = new double[counts.Length - 1];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = (counts[i] + counts[i + 1]) / (2 * step);
        // A jump shows in the newest step first.
        var (newest, largest) = (counts[0] / step, pairs.Max());
        var level = newest > largest + (Chance * Math.Sqrt(largest / step)) ? newest : peak;
        for (var lag = 2; lag < pairs.Length; lag++)
        {
            var rise = pairs[0] - pairs[lag];
            if (rise > Chance * Math.Sqrt((pairs[0] + pairs[lag]) / (2 * step)))
                return Math.Max(peak, level + (rise / (lag * step) * (loadSeconds + PeriodSeconds)));
        }

        return Math.Max(peak, level);
    }

    private static double Peak(double[] counts, double step)
    {
        var peak = counts.Sum() / (counts.Length * step);
        for (var length = 2; length < counts.Length; length *= 2)
        {
            for (var first = 0; first + length <= counts.Length; first++)
            {
                var seconds = length * step;
                var rate = Sum(counts.AsSpan(first, length)) / seconds;
                peak = Math.Max(peak, rate - (LargestOfSeveral * Math.Sqrt(rate / seconds)));
            }
        }

        return peak;
    }

    private static double Sum(ReadOnlySpan<double> counts)
    {
        var sum = 0.0;
        foreach (var count in counts)
            sum += count;
        return sum;
    }
}

using System.Runtime.InteropServices;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Demand to plan for by the arrivals: the rate of the longest past that one rate explains, and the demand planned for before as long as
/// that rate does not exclude it.</summary>
/// <remarks>
/// <para>A forecast from few seconds is mostly chance: at a constant rate it moves by a tenth each second, and models with it. So the rate is taken over
/// the longest of several windows of which all shorter ones agree within their standard errors (the intersection of confidence intervals; Lepski's
/// choice of a bandwidth). A change shows in the shorter windows, and the longer ones are then no longer used.</para>
/// <para>A rise within the window that chance does not explain is carried on to the next plan. A forecast far above is a burst just seen, and counts.
/// Where counts vary much more than those of a Poisson process, only the forecast counts.</para>
/// </remarks>
internal static class DemandLevel
{
    /// <summary>Half-width of a window's confidence interval, in standard errors. Two disjoint intervals are then about three standard
    /// errors of their difference apart.</summary>
    private const double Confidence = 2.3;

    /// <summary>Size of a trend within the window that chance does not explain, in standard errors.</summary>
    private const double Trend = 2.5;

    /// <summary>Size of a forecast's excess that chance does not explain, in standard deviations of a second's count: forecasts carry rises of
    /// seconds on, which doubles their noise. What <see cref="DemandWatch"/> takes for a burst is above it.</summary>
    private const double Burst = 7;

    /// <summary>Standard errors by which the demand in force may lie below or above the rate that was seen.</summary>
    private const double Below = 0.5;
    private const double Above = 2;

    /// <summary>Time until the next plan, seconds.</summary>
    private const double PeriodSeconds = 1;
    private const double ShortestSeconds = 1;

    /// <summary>Shortest window whose halves say something about a trend, seconds.</summary>
    private const double TrendSeconds = 4;

    /// <summary>Variance of a count over that of a Poisson count, above which the past says too little about the next seconds: bursts.</summary>
    private const double MostDispersion = 2;
    private const double BinSeconds = 0.5;

    /// <summary>Shortest time that one rate must explain where models take time to load, seconds.</summary>
    private const double ConstantSeconds = 16;

    /// <summary>Returns the problem with the demand to plan for; unchanged where too little was seen.</summary>
    /// <param name="problem">The problem with the forecasts, or the outlook where models take time to load.</param>
    /// <param name="loadTimes">Length of the history that the outlook reads, in load times.</param>
    public static PlanningProblem Of(PlanningProblem problem, double loadTimes)
    {
        if (problem.Recent is not { Arrivals.IsEmpty: false } recent || recent.Length.TotalSeconds < 2 * ShortestSeconds)
            return problem;
        var constantSeconds = problem.LoadTime <= TimeSpan.Zero ? 0 : Math.Min(recent.Length.TotalSeconds, Math.Max(ConstantSeconds, loadTimes * problem.LoadTime.TotalSeconds));
        return problem with { Pipelines = [.. problem.Pipelines.Select((p, i) => p with { DemandQps = Qps(recent, i, p.DemandQps, Held(problem, i), constantSeconds) })] };
    }

    /// <summary>Returns the demand that was planned for last, queries per second; null without a plan of this policy.</summary>
    private static double? Held(PlanningProblem problem, int pipeline) =>
        problem.Previous?.PolicyState is HeadroomState { DemandQps: { IsEmpty: false } held } && held.Length == problem.Pipelines.Length ? held[pipeline] : null;

    private static double Qps(ArrivalWindow recent, int pipeline, double forecastQps, double? held, double constantSeconds)
    {
        var ages = Ages(recent, pipeline);
        if (ages.Count == 0)
            return forecastQps;
        var dispersion = Dispersion(ages, recent.Length.TotalSeconds);
        if (dispersion > MostDispersion)
            return forecastQps;
        var rate = Agreed(ages, recent.Length.TotalSeconds, dispersion);
        var isMoving = constantSeconds > 0 ? rate.Moves || rate.Seconds < constantSeconds : forecastQps > rate.Qps + (Burst * Math.Sqrt(Math.Max(1, rate.Qps)));
        if (isMoving)
            return forecastQps;
        return held is { } before && before >= rate.Qps - (Below * rate.Error) && before <= rate.Qps + (Above * rate.Error)
            ? before : rate.Qps + (Below * rate.Error);
    }

    // Seconds ago, the newest first.
    private static List<double> Ages(ArrivalWindow recent, int pipeline)
    {
        var ages = new List<double>();
        for (var i = recent.Arrivals.Length - 1; i >= 0; i--)
        {
            if (recent.Arrivals[i].Pipeline == pipeline)
                ages.Add((recent.NowUs - recent.Arrivals[i].AtUs) * 1e-6);
        }

        return ages;
    }

    // Variance of a count over that of a Poisson count, from neighbouring bins: what changes slowly does not count.
    private static double Dispersion(List<double> ages, double seconds)
    {
        var counts = new double[(int)(seconds / BinSeconds)];
        foreach (var age in ages)
        {
            if ((int)(age / BinSeconds) is var bin && bin < counts.Length)
                counts[bin]++;
        }

        var (sum, squares) = (counts[0], 0.0);
        for (var i = 1; i < counts.Length; i++)
        {
            sum += counts[i];
            squares += (counts[i] - counts[i - 1]) * (counts[i] - counts[i - 1]);
        }

        return sum == 0 ? 1 : Math.Max(1, squares / 2 / (counts.Length - 1) / (sum / counts.Length));
    }

    private static Rate Agreed(List<double> ages, double seconds, double dispersion)
    {
        var agreed = default(Rate);
        var (low, high) = (0.0, double.PositiveInfinity);
        for (var length = ShortestSeconds; length <= seconds; length = length < seconds && length * 2 > seconds ? seconds : length * 2)
        {
            var count = Within(ages, length);
            var rate = new Rate(count / length, Math.Sqrt(dispersion * Math.Max(1, count)) / length, length, false);
            (low, high) = (Math.Max(low, rate.Qps - (Confidence * rate.Error)), Math.Min(high, rate.Qps + (Confidence * rate.Error)));
            if (low > high)
                break;
            agreed = Moved(ages, length, count, rate);
            if (length >= seconds)
                break;
        }

        return agreed;
    }

    // The line through both halves, where it moves for certain: until the next plan where it rises, until now where it falls.
    private static Rate Moved(List<double> ages, double length, int count, Rate rate)
    {
        var newer = Within(ages, length / 2);
        var moved = (newer - (count - newer)) / (length / 2);
        if (length < TrendSeconds || Math.Abs(moved) <= Trend * 2 * rate.Error)
            return rate;
        return rate with { Moves = true, Qps = Math.Max(0, rate.Qps + (moved / (length / 2) * ((length / 2) + (moved > 0 ? PeriodSeconds : 0)))) };
    }

    private static int Within(List<double> ages, double seconds)
    {
        var place = ages.BinarySearch(seconds);
        return place < 0 ? ~place : place;
    }

    /// <summary>Rate with its standard error, queries per second, of a window.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Rate(double Qps, double Error, double Seconds, bool Moves);
}

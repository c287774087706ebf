using System.Collections.Immutable;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Traffic samples of a problem.</summary>
internal static class TrafficSamples
{
    /// <summary>Fewest queries of a sample that has a 99th percentile.</summary>
    private const int LeastQueries = 100;

    /// <summary>Least length of a sample of live traffic, microseconds.</summary>
    private const long LeastLiveUs = 30_000_000;
    private const int MadeUpQueries = 2000;
    private const double MostMadeUpSeconds = 60;

    /// <summary>Lists the arrivals of one pipeline on the window's clock, not falling; empty where none are kept.</summary>
    public static long[] Recent(PlanningProblem problem, int pipeline)
    {
        if (problem.Recent is not { } recent)
            return [];
        var atUs = new List<long>();
        foreach (var arrival in recent.Arrivals)
        {
            if (arrival.Pipeline == pipeline)
                atUs.Add(arrival.AtUs);
        }

        return [.. atUs];
    }

    /// <summary>Tests whether every pipeline with demand has enough arrivals to be planned by.</summary>
    public static bool Suffice(PlanningProblem problem) => problem.Recent is { } recent
        && (problem.Previous is null || recent.NowUs - recent.FromUs >= LeastLiveUs)
        && Enumerable.Range(0, problem.Pipelines.Length).All(p => problem.Pipelines[p].DemandQps == 0 || Recent(problem, p).Length >= LeastQueries);

    /// <summary>Makes a sample: the last arrivals where there are enough, else independent ones at the forecast rate; at least one
    /// query.</summary>
    public static TrafficSample Of(PlanningProblem problem, int pipeline, bool recent, int queries)
    {
        if (recent && Recent(problem, pipeline) is { Length: >= LeastQueries } atUs)
        {
            var kept = atUs.AsSpan(Math.Max(0, atUs.Length - queries));
            var fromUs = kept.Length == atUs.Length ? problem.Recent!.FromUs : kept[0];
            return new TrafficSample([.. kept.ToArray().Select(t => t - fromUs)], Math.Max(1, problem.Recent!.NowUs - fromUs));
        }

        return MadeUp(problem.Pipelines[pipeline].DemandQps);
    }

    /// <summary>Thins a sample to a share of its queries; where too few would be left, makes independent arrivals at the thinned
    /// rate.</summary>
    public static TrafficSample Thin(TrafficSample sample, double share) =>
        share * sample.AtUs.Length >= LeastQueries ? sample.Thin(share) : MadeUp(share * sample.RateQps);

    private static TrafficSample MadeUp(double qps)
    {
        var seconds = qps <= 0 ? MostMadeUpSeconds : Math.Min(MostMadeUpSeconds, MadeUpQueries / qps);
        var atUs = ImmutableArray.CreateBuilder<long>();
        var stream = Arrivals.Poisson(qps, TimeSpan.FromSeconds(Math.Max(1e-6, seconds))).Open(1);
        while (stream.TryNext(out var arrival))
            atUs.Add(arrival.AtUs);
        if (atUs.Count == 0)
            atUs.Add(0);
        return new TrafficSample(atUs.ToImmutable(), Math.Max(1, (long)(seconds * 1e6)));
    }
}

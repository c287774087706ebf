using System.Collections.Immutable;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>The samples that a problem offers.</summary>
internal static class TrafficSamples
{
    /// <summary>Fewer queries than this have no 99th percentile.</summary>
    private const int LeastQueries = 100;

    /// <summary>A sample of live traffic is not trusted before it is this long.</summary>
    private const long LeastLiveUs = 30_000_000;
    private const int MadeUpQueries = 2000;
    private const double MostMadeUpSeconds = 60;

    /// <summary>Arrivals of one pipeline on the window's clock, not falling; empty where none are kept.</summary>
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

    /// <summary>True when every pipeline with demand has arrivals enough to be planned by.</summary>
    public static bool Suffice(PlanningProblem problem) => problem.Recent is { } recent
        && (problem.Previous is null || recent.NowUs - recent.FromUs >= LeastLiveUs)
        && Enumerable.Range(0, problem.Pipelines.Length).All(p => problem.Pipelines[p].DemandQps == 0 || Recent(problem, p).Length >= LeastQueries);

    /// <summary>The last arrivals where they suffice, else independent ones at the forecast rate; at least one query.</summary>
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

    /// <summary>That share of a sample; independent arrivals at the same rate where too few would be left.</summary>
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

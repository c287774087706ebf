using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Cli.Comparison;

/// <summary>Comparison as one JSON document: figures by key, and each policy's time course as columns of numbers.</summary>
internal static class ComparisonDocument
{
    /// <summary>Makes the document.</summary>
    /// <param name="result">Result of the comparison.</param>
    /// <param name="report">Path of the HTML page; null = none was written.</param>
    public static object Of(ComparisonResult result, string? report = null) => new
    {
        result.Scenario,
        result.Trace,
        result.Pipelines,
        result.Seeds,
        warmUpSeconds = result.WarmUp.TotalSeconds,
        bound = result.Bound is { } bound ? Bound(bound) : null,
        policies = result.Policies.Select(p => p.Refused is { } reason
            ? (object)new { p.Label, p.Policy, refused = reason }
            : new
            {
                p.Label,
                p.Policy,
                metrics = ComparisonMetrics.All.ToDictionary(m => m.Key, m => Figure(p[m]), StringComparer.Ordinal),
                ofBound = result.Bound?.Shares(p),
                pipelines = result.Pipelines.Zip(p.Pipelines, Pipeline),
                timeline = Timeline(p.Timeline!),
            }),
        report,
        best = ComparisonMetrics.All.Where(m => !result.Best(m).IsEmpty).ToDictionary(m => m.Key, m => result.Best(m), StringComparer.Ordinal),
    };

    private static object Bound(ComparisonBound bound) => new
    {
        metrics = ComparisonBound.Bounded.ToDictionary(m => m.Key, m => Figure(bound[m]), StringComparer.Ordinal),
        served = bound.Seconds.Select(s => s.Served),
        accuracy = bound.Seconds.Select(s => s.Accuracy),
        servers = bound.Seconds.Select(s => s.Slots),
    };

    private static object Figure(Estimate estimate) => new { estimate.Mean, estimate.Confidence95, estimate.Values };

    private static object Pipeline(string name, SimulationMetrics m) => new
    {
        name,
        m.Arrivals,
        m.OnTime,
        m.Late,
        dropped = m.Expired,
        m.Rejected,
        m.Failed,
        m.Unfinished,
        m.Attainment,
        accuracy = m.EffectiveAccuracy,
        p50Ms = m.P50Us / 1000,
        p99Ms = m.P99Us / 1000,
    };

    private static object Timeline(PolicyTimeline timeline) => new
    {
        timeline.Seed,
        arrivals = timeline.Seconds.Select(s => s.Arrivals),
        onTime = timeline.Seconds.Select(s => s.OnTime),
        late = timeline.Seconds.Select(s => s.Late),
        rejected = timeline.Seconds.Select(s => s.Rejected),
        dropped = timeline.Seconds.Select(s => s.Expired),
        accuracy = timeline.Seconds.Select(s => s.Accuracy),
        p99Ms = timeline.Seconds.Select(s => (double)s.P99Us / 1000),
        forecastQps = timeline.Seconds.Select(s => (double)s.ForecastQps),
        servers = timeline.Seconds.Select(s => s.Servers),
        variants = timeline.Variants.Select(v => new { v.Pipeline, v.Task, v.Name, v.Accuracy, v.Slots }),
        plans = timeline.Changes.Select(c => new { atSeconds = c.InForceUs / 1e6, c.Swaps, c.Plan.Accuracy, slots = c.Plan.SlotsTaken }),
    };
}

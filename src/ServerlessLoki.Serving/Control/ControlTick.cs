using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Control;

/// <summary>Measurements and decision of one control period.</summary>
/// <param name="At">End of the period.</param>
/// <param name="Elapsed">Length of the period.</param>
/// <param name="Plan">Plan in force after the period.</param>
/// <param name="Slowdown">Ratio of batch times to their profile.</param>
/// <param name="Headroom">Additional factor on latencies in plans, because queues stood or queries were lost; at least 1.</param>
/// <param name="Pipelines">Figures of each pipeline.</param>
public sealed record ControlTick(
    DateTimeOffset At, TimeSpan Elapsed, Plan Plan, double Slowdown, double Headroom, ImmutableArray<PipelineTick> Pipelines);

/// <summary>Control period of one pipeline.</summary>
/// <param name="Name">Pipeline name.</param>
/// <param name="DemandQps">Arrivals per second, rejected ones included.</param>
/// <param name="ForecastQps">Demand that was planned for.</param>
/// <param name="ServedQps">Completed queries per second.</param>
/// <param name="RejectedQps">Queries refused at the ingress per second.</param>
/// <param name="ExpiredQps">Expired queries per second.</param>
/// <param name="Accuracy">Mean expected accuracy of the completed queries, 0..1; NaN without any.</param>
/// <param name="P50Ms">Median latency of the queries that were due within the SLO, milliseconds; NaN without any.</param>
/// <param name="P99Ms">99th percentile of latency of the queries that were due within the SLO, milliseconds; NaN without any.</param>
/// <param name="Pending">Queries admitted and not ended.</param>
public sealed record PipelineTick(
    string Name, double DemandQps, double ForecastQps, double ServedQps, double RejectedQps, double ExpiredQps,
    double Accuracy, double P50Ms, double P99Ms, long Pending)
{
    /// <summary>Queries per second that were completed after the SLO, because their callers allowed more time.</summary>
    public double BeyondSloQps { get; init; }

    /// <summary>Refused and expired queries per second, as far as they count in <see cref="DemandQps"/>.</summary>
    public double LostQps { get; init; }
}

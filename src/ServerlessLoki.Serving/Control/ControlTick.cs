using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Control;

/// <summary>What one control period saw and decided.</summary>
/// <param name="At">End of the period.</param>
/// <param name="Elapsed">Its length.</param>
/// <param name="Plan">The plan in force after it.</param>
/// <param name="Slowdown">Batch times over their profile.</param>
/// <param name="Headroom">What plans multiply latencies by beyond that, because queues stood or queries were lost.</param>
/// <param name="Pipelines">Per pipeline.</param>
public sealed record ControlTick(
    DateTimeOffset At, TimeSpan Elapsed, Plan Plan, double Slowdown, double Headroom, ImmutableArray<PipelineTick> Pipelines);

/// <summary>One pipeline's control period.</summary>
/// <param name="Name">Pipeline name.</param>
/// <param name="DemandQps">Arrivals per second, rejected ones included.</param>
/// <param name="ForecastQps">Demand that was planned for.</param>
/// <param name="ServedQps">Completed per second.</param>
/// <param name="RejectedQps">Refused at the ingress per second.</param>
/// <param name="ExpiredQps">Expired per second.</param>
/// <param name="Accuracy">Mean expected accuracy of the completed ones; NaN without any.</param>
/// <param name="P50Ms">Median latency of those that were due within the SLO, milliseconds; NaN without any.</param>
/// <param name="P99Ms">99th percentile of the same, milliseconds; NaN without any.</param>
/// <param name="Pending">Admitted and not ended.</param>
public sealed record PipelineTick(
    string Name, double DemandQps, double ForecastQps, double ServedQps, double RejectedQps, double ExpiredQps,
    double Accuracy, double P50Ms, double P99Ms, long Pending)
{
    /// <summary>Completed per second after the SLO: they had asked for more time.</summary>
    public double BeyondSloQps { get; init; }

    /// <summary>Refused and expired per second, as far as they count in <see cref="DemandQps"/>.</summary>
    public double LostQps { get; init; }
}

namespace ServerlessLoki.Simulation;

/// <summary>Strict metrics (Loki, metrics, Proteus, strict metrics) of the queries that arrived in the measurement window.</summary>
public sealed record SimulationMetrics
{
    /// <summary>Queries that arrived, refused ones included; the sum of the six outcomes.</summary>
    public required long Arrivals { get; init; }

    /// <summary>Queries answered within their deadline.</summary>
    public required long OnTime { get; init; }

    /// <summary>Queries answered too late.</summary>
    public required long Late { get; init; }

    /// <summary>Queries refused at the ingress.</summary>
    public required long Rejected { get; init; }

    /// <summary>Queries given up on the way.</summary>
    public required long Expired { get; init; }

    /// <summary>Queries lost with failed slots.</summary>
    public required long Failed { get; init; }

    /// <summary>Queries that had not ended when the simulation ended.</summary>
    public required long Unfinished { get; init; }

    /// <summary>Mean accuracy of the queries on time, 0..1; NaN without any.</summary>
    public required double EffectiveAccuracy { get; init; }

    /// <summary>Mean accuracy of all queries with every violation counted as 0.</summary>
    public required double AccuracyOverAll { get; init; }

    /// <summary>Mean path accuracy over the leaf results on time (Loki, metrics); NaN without any.</summary>
    public required double LeafAccuracy { get; init; }

    /// <summary>Share of leaf results on time in all leaf results and rows given up; NaN without any. A row given up counts once, whatever
    /// it would have led to.</summary>
    public required double LeafAttainment { get; init; }

    /// <summary>Queries answered in time per second of the measurement window.</summary>
    public required double GoodputQps { get; init; }

    /// <summary>Mean latency of the answered queries (on time or late), microseconds; NaN without any.</summary>
    public required double MeanLatencyUs { get; init; }

    /// <summary>Median latency of the answered queries, microseconds, within 0.4 %.</summary>
    public required double P50Us { get; init; }

    /// <summary>90th percentile of the latency of the answered queries, microseconds, within 0.4 %.</summary>
    public required double P90Us { get; init; }

    /// <summary>99th percentile of the latency of the answered queries, microseconds, within 0.4 %.</summary>
    public required double P99Us { get; init; }

    /// <summary>Largest latency of the answered queries, microseconds, exact; 0 without any.</summary>
    public required long MaxLatencyUs { get; init; }

    /// <summary>Share of the arrivals that were answered in time; 1 without arrivals.</summary>
    public double Attainment => Arrivals == 0 ? 1 : (double)OnTime / Arrivals;

    /// <summary>Share of the arrivals that were not answered in time; 0 without arrivals.</summary>
    public double Violation => 1 - Attainment;
}

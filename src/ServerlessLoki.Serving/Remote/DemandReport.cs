using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Remote;

/// <summary>What an ingress saw in one second: the sample of series <see cref="Series"/>, source = instance.</summary>
/// <param name="Pipelines">One per pipeline.</param>
public sealed record DemandReport(ImmutableArray<PipelineDemandReport> Pipelines)
{
    /// <summary>Name of the series in <see cref="Ports.IStateStore"/>.</summary>
    public const string Series = "demand";
}

/// <summary>One pipeline's second at one ingress.</summary>
public sealed record PipelineDemandReport
{
    /// <summary>Pipeline name.</summary>
    public required string Name { get; init; }

    /// <summary>Arrivals, rejected ones included.</summary>
    public long Arrivals { get; init; }

    /// <summary>Completed.</summary>
    public long Served { get; init; }

    /// <summary>Refused or expired.</summary>
    public long Lost { get; init; }

    /// <summary>Median latency of those completed that had a deadline, microseconds; 0 without any.</summary>
    public double MedianUs { get; init; }

    /// <summary>When queries arrived, microseconds since the begin of the second; at most <see cref="MostOffsets"/>, evenly chosen.</summary>
    public ImmutableArray<int> AtUs { get; init; } = [];

    /// <summary>[edge][parent variant] queries that the parent answered.</summary>
    public ImmutableArray<ImmutableArray<long>> Parents { get; init; } = [];

    /// <summary>[edge][parent variant] children that came of them.</summary>
    public ImmutableArray<ImmutableArray<long>> Children { get; init; } = [];

    /// <summary>Most entries of <see cref="AtUs"/>: a sample stays within one entity of any store.</summary>
    internal const int MostOffsets = 2000;
}

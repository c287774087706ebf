using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>What an ingress saw in one second: the sample of series <see cref="Series"/>, source = instance.</summary>
/// <param name="Pipelines">One per pipeline.</param>
internal sealed record DemandReport(ImmutableArray<PipelineDemandReport> Pipelines)
{
    /// <summary>Name of the series in <see cref="Ports.IStateStore"/>.</summary>
    public const string Series = "demand";

    /// <summary>Longest sample, characters: within one entity of any store.</summary>
    internal const int MostChars = 32_000;

    /// <summary>Its text within <see cref="MostChars"/>: arrival times are thinned out evenly over all pipelines, and counted all the same.</summary>
    internal string ToJson()
    {
        for (var most = PipelineDemandReport.MostOffsets; most > 0; most /= 2)
        {
            if (Thinned(most) is { Length: <= MostChars } json)
                return json;
        }

        return StateJson.Write(new DemandReport([.. Pipelines.Select(p => p with { AtUs = [], Parents = [], Children = [], Squares = [] })]));
    }

    private string Thinned(int most)
    {
        var step = Math.Max(1, (Pipelines.Sum(p => p.AtUs.Length) + most - 1) / most);
        return StateJson.Write(new DemandReport([.. Pipelines.Select(p => p with { AtUs = [.. p.AtUs.Where((_, i) => i % step == 0)] })]));
    }
}

/// <summary>One pipeline's second at one ingress.</summary>
internal sealed record PipelineDemandReport
{
    /// <summary>Pipeline name.</summary>
    public required string Name { get; init; }

    /// <summary>Arrivals, rejected ones included as far as they are demand, see <see cref="Forecasting.DemandCount"/>.</summary>
    public long Arrivals { get; init; }

    /// <summary>Completed.</summary>
    public long Served { get; init; }

    /// <summary>Refused or expired, as far as they count in <see cref="Arrivals"/>.</summary>
    public long Lost { get; init; }

    /// <summary>Median latency of those completed that were due within the SLO, microseconds; 0 without any.</summary>
    public double MedianUs { get; init; }

    /// <summary>When queries arrived, microseconds since the begin of the second; at most
    /// <see cref="MostOffsets"/> of all pipelines together, evenly chosen.</summary>
    public ImmutableArray<int> AtUs { get; init; } = [];

    /// <summary>[edge][parent variant] queries that the parent answered.</summary>
    public ImmutableArray<ImmutableArray<long>> Parents { get; init; } = [];

    /// <summary>[edge][parent variant] children that came of them.</summary>
    public ImmutableArray<ImmutableArray<long>> Children { get; init; } = [];

    /// <summary>[edge][parent variant] sum of the squares of each query's number of children; empty where it was not counted.</summary>
    public ImmutableArray<ImmutableArray<long>> Squares { get; init; } = [];

    /// <summary>Most entries of <see cref="AtUs"/> in one sample.</summary>
    internal const int MostOffsets = 4000;
}

using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Measurements of an ingress in one second: the sample of series <see cref="Series"/>, source = instance.</summary>
/// <param name="Pipelines">Reports of the pipelines, one for each.</param>
internal sealed record DemandReport(ImmutableArray<PipelineDemandReport> Pipelines)
{
    /// <summary>Name of the series in <see cref="Ports.IStateStore"/>.</summary>
    public const string Series = "demand";

    /// <summary>Longest sample, characters: within one entity of any store.</summary>
    internal const int MostChars = 32_000;

    /// <summary>Writes the report within <see cref="MostChars"/>: arrival times are thinned out evenly over all pipelines, and still
    /// counted.</summary>
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

/// <summary>Measurements of one pipeline in one second at one ingress.</summary>
internal sealed record PipelineDemandReport
{
    /// <summary>Pipeline name.</summary>
    public required string Name { get; init; }

    /// <summary>Arrivals, rejected ones included as far as they are demand, see <see cref="Forecasting.DemandCount"/>.</summary>
    public long Arrivals { get; init; }

    /// <summary>Completed queries.</summary>
    public long Served { get; init; }

    /// <summary>Refused or expired queries, as far as they count in <see cref="Arrivals"/>.</summary>
    public long Lost { get; init; }

    /// <summary>Median latency of the completed queries that were due within the SLO, microseconds; 0 without any.</summary>
    public double MedianUs { get; init; }

    /// <summary>Arrival times of queries, microseconds since the begin of the second; at most <see cref="MostOffsets"/> of all pipelines
    /// together, evenly chosen.</summary>
    public ImmutableArray<int> AtUs { get; init; } = [];

    /// <summary>Queries that the parent answered, [edge][parent variant].</summary>
    public ImmutableArray<ImmutableArray<long>> Parents { get; init; } = [];

    /// <summary>Children of those queries, [edge][parent variant].</summary>
    public ImmutableArray<ImmutableArray<long>> Children { get; init; } = [];

    /// <summary>[edge][parent variant] sum of the squares of each query's number of children; empty where it was not counted.</summary>
    public ImmutableArray<ImmutableArray<long>> Squares { get; init; } = [];

    /// <summary>Most entries of <see cref="AtUs"/> in one sample.</summary>
    internal const int MostOffsets = 4000;
}

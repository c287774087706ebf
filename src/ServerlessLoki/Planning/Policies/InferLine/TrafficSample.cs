using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Traffic that a pipeline is planned for.</summary>
/// <param name="AtUs">Arrival times from the sample's begin, microseconds, not falling.</param>
/// <param name="DurationUs">Length of the sample, microseconds; above 0.</param>
internal sealed record TrafficSample(ImmutableArray<long> AtUs, long DurationUs)
{
    /// <summary>λ: mean rate, queries per second.</summary>
    public double RateQps => AtUs.Length * 1e6 / DurationUs;

    /// <summary>Thins the sample to a share of its queries, spread evenly.</summary>
    public TrafficSample Thin(double share) =>
        this with { AtUs = [.. AtUs.Where((_, i) => Math.Floor((i + 1) * share) > Math.Floor(i * share))] };
}

using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Multiplicative factors m(v, t') of Loki: mean child queries per query, by edge and parent variant.</summary>
/// <remarks>Factors depend on the parent's variant: a weaker detector finds fewer objects and so unloads the next stage.</remarks>
public sealed class FanOut
{
    private readonly ImmutableArray<ImmutableArray<double>> _factors;

    /// <summary>Takes factors indexed [edge][parent variant]; each at least 0.</summary>
    public FanOut(ImmutableArray<ImmutableArray<double>> factors) => _factors = factors;

    /// <summary>Makes factors of one child per edge whatever the variant: the assumption before anything was measured.</summary>
    public static FanOut One(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return new FanOut([.. pipeline.Edges.Select(e =>
            ImmutableArray.CreateRange(Enumerable.Repeat(1.0, pipeline.Tasks[e.From].Variants.Length)))]);
    }

    /// <summary>Mean child queries along an edge per query that the parent's variant served.</summary>
    public double this[int edge, int parentVariant] => _factors[edge][parentVariant];
}

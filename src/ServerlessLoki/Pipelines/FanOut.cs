using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Multiplicative factors m(v, t') of Loki: mean child queries per query, by edge and parent variant.</summary>
/// <remarks>Factors depend on the parent's variant: a weaker detector finds fewer objects and so unloads the next stage.</remarks>
public sealed class FanOut
{
    private readonly ImmutableArray<ImmutableArray<double>> _factors;
    private readonly ImmutableArray<ImmutableArray<double?>> _variances = [];

    /// <summary>Takes factors indexed [edge][parent variant]; each at least 0.</summary>
    public FanOut(ImmutableArray<ImmutableArray<double>> factors) => _factors = factors;

    /// <summary>Takes factors and measured variances, both indexed [edge][parent variant].</summary>
    /// <param name="factors">Mean child queries per query; each at least 0.</param>
    /// <param name="variances">Variance of the child queries of one query; each at least 0, null where it is not known.</param>
    public FanOut(ImmutableArray<ImmutableArray<double>> factors, ImmutableArray<ImmutableArray<double?>> variances) =>
        (_factors, _variances) = (factors, variances);

    /// <summary>One child per edge whatever the variant: what is assumed before anything was measured.</summary>
    public static FanOut One(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return new FanOut([.. pipeline.Edges.Select(e =>
            ImmutableArray.CreateRange(Enumerable.Repeat(1.0, pipeline.Tasks[e.From].Variants.Length)))]);
    }

    /// <summary>Mean child queries along an edge per query that the parent's variant served.</summary>
    public double this[int edge, int parentVariant] => _factors[edge][parentVariant];

    /// <summary>Variance of the child queries of one query along an edge; null where it was not measured.</summary>
    /// <param name="edge">Edge index.</param>
    /// <param name="parentVariant">Variant index of the edge's parent task.</param>
    public double? Variance(int edge, int parentVariant) => _variances.IsEmpty ? null : _variances[edge][parentVariant];
}

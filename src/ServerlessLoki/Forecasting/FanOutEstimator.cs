using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Forecasting;

/// <summary>Measures multiplicative factors online: children per parent query, by edge and parent variant.</summary>
/// <remarks>Exponentially weighted by count, so a quiet hour forgets nothing and a busy minute learns fast. A variant that
/// has not run yet takes its prior, corrected by what its seen siblings gave compared with theirs (weighted by their samples);
/// without a prior that is their mean.
/// Not thread-safe: one control loop owns it.</remarks>
public sealed class FanOutEstimator
{
    private readonly Pipeline _pipeline;
    private readonly FanOut _prior;
    private readonly double _memory;
    private readonly double[][] _parents;
    private readonly double[][] _children;

    /// <summary>Creates an estimator without observations.</summary>
    /// <param name="pipeline">Pipeline whose edges are measured.</param>
    /// <param name="prior">Factors to assume before anything was seen; null = one child per edge.</param>
    /// <param name="memory">Parents after which an observation has lost 63 % of its weight; above 0. Default 2,000.</param>
    public FanOutEstimator(Pipeline pipeline, FanOut? prior = null, double memory = 2000)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memory);
        _pipeline = pipeline;
        _prior = prior ?? FanOut.One(pipeline);
        _memory = memory;
        _parents = [.. pipeline.Edges.Select(e => new double[pipeline.Tasks[e.From].Variants.Length])];
        _children = [.. pipeline.Edges.Select(e => new double[pipeline.Tasks[e.From].Variants.Length])];
    }

    /// <summary>The factors known now.</summary>
    public FanOut Current => new([.. _pipeline.Edges.Select(e => Factors(e.Index))]);

    /// <summary>Counts the children that one variant's queries produced along one edge.</summary>
    /// <param name="edge">Edge index.</param>
    /// <param name="parentVariant">Variant index of the edge's parent task.</param>
    /// <param name="parents">Queries that the variant served; at least 0.</param>
    /// <param name="children">Child queries along this edge that those queries produced; at least 0.</param>
    public void Observe(int edge, int parentVariant, long parents, long children)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parents);
        ArgumentOutOfRangeException.ThrowIfNegative(children);
        if (parents == 0)
            return;
        var keep = Math.Exp(-parents / _memory);
        _parents[edge][parentVariant] = (_parents[edge][parentVariant] * keep) + parents;
        _children[edge][parentVariant] = (_children[edge][parentVariant] * keep) + children;
    }

    private ImmutableArray<double> Factors(int edge)
    {
        var parents = _parents[edge];
        var children = _children[edge];
        // A more sensitive detector finds more, seen or not: siblings tell how far the priors are off, not what each variant gives.
        var expected = 0.0;
        for (var v = 0; v < parents.Length; v++)
            expected += parents[v] * _prior[edge, v];
        var correction = expected > 0 ? children.Sum() / expected : 1;
        var factors = new double[parents.Length];
        for (var v = 0; v < factors.Length; v++)
            factors[v] = parents[v] > 0 ? children[v] / parents[v] : correction * _prior[edge, v];

        return [.. factors];
    }
}

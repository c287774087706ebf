using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Forecasting;

/// <summary>Measures multiplicative factors online: children per parent query, by edge and parent variant, and how far they vary.</summary>
/// <remarks>Exponentially weighted by count, so a quiet hour forgets nothing and a busy minute learns fast. A variant that
/// has not run yet takes its prior, corrected by what its seen siblings gave compared with theirs (weighted by their samples);
/// without a prior that is their mean. Its variance follows from theirs: what exceeds a Poisson count's grows with the square of the mean.
/// Not thread-safe: one control loop owns it.</remarks>
public sealed class FanOutEstimator
{
    /// <summary>Fewer parents say nothing about the variance.</summary>
    private const double LeastParents = 50;
    private readonly Pipeline _pipeline;
    private readonly FanOut _prior;
    private readonly double _memory;
    private readonly double[][] _parents;
    private readonly double[][] _children;
    private readonly CountMoments[][] _moments;

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
        _moments = [.. pipeline.Edges.Select(e => new CountMoments[pipeline.Tasks[e.From].Variants.Length])];
    }

    /// <summary>The factors and variances known now.</summary>
    public FanOut Current
    {
        get
        {
            var factors = _pipeline.Edges.Select(e => Factors(e.Index)).ToImmutableArray();
            return new FanOut(factors, [.. _pipeline.Edges.Select(e => Variances(e.Index, factors[e.Index]))]);
        }
    }

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

    /// <summary>Takes what one variant made of some queries, and how their numbers of children varied.</summary>
    /// <param name="edge">Edge index.</param>
    /// <param name="parentVariant">Variant index of the edge's parent task.</param>
    /// <param name="parents">Queries that the variant served; at least 0.</param>
    /// <param name="children">Child queries that came of them along this edge; at least 0.</param>
    /// <param name="squares">Sum of the squares of each query's number of children; at least 0.</param>
    public void Observe(int edge, int parentVariant, long parents, long children, long squares)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(squares);
        Observe(edge, parentVariant, parents, children);
        if (parents > 0)
            _moments[edge][parentVariant] = _moments[edge][parentVariant].With(parents, children, squares, Math.Exp(-parents / _memory));
    }

    private ImmutableArray<double?> Variances(int edge, ImmutableArray<double> factors)
    {
        var moments = _moments[edge];
        double seen = 0, excess = 0, squaredMeans = 0;
        foreach (var moment in moments)
        {
            if (moment.Parents < LeastParents)
                continue;
            seen += moment.Parents;
            excess += moment.Parents * (moment.Variance - moment.Mean);
            squaredMeans += moment.Parents * moment.Mean * moment.Mean;
        }

        return
        [
            .. moments.Select((m, v) => m.Parents >= LeastParents
                ? m.Variance
                : seen > 0 && squaredMeans > 0 ? Math.Max(0, factors[v] + (excess / squaredMeans * factors[v] * factors[v])) : _prior.Variance(edge, v)),
        ];
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

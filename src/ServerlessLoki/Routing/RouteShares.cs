using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Routing;

/// <summary>Share of the rows for each deployed variant, most accurate first; each array sums to 1, or is 0 throughout.</summary>
internal sealed class RouteShares
{
    private RouteShares(double[][][] edges) => Edges = edges;

    /// <summary>Shares of the children, [edge][variant of the parent].</summary>
    public double[][][] Edges { get; }

    /// <summary>Shares of the root task's variants.</summary>
    public double[] Root { get; set; } = [];

    /// <summary>Makes shares that are all 0.</summary>
    public static RouteShares For(Pipeline graph) => new([.. graph.Edges.Select(e => new double[graph.Tasks[e.From].Variants.Length][])]);

    /// <summary>Scales weights to a sum of 1.</summary>
    public static double[] Normalised(double[] weights)
    {
        var sum = weights.Sum();
        return sum > 0 ? [.. weights.Select(w => w / sum)] : weights;
    }
}

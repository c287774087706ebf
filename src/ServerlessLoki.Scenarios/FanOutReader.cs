using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads multiplicative factors: per edge one number for all parent variants, or one by variant name.</summary>
internal static class FanOutReader
{
    public static FanOut Read(JsonValue value, Pipeline pipeline)
    {
        var factors = pipeline.Edges.Select(e => Enumerable.Repeat(1.0, pipeline.Tasks[e.From].Variants.Length).ToArray()).ToArray();
        var seen = new HashSet<int>();
        foreach (var item in value.Items("an array of edges with their factors"))
        {
            if (!item.IsObjectWith("from", "to", "factor", "factors"))
                continue;
            var from = item.TryRequired("from", "a task's name", out var f) ? f.Text() : null;
            var to = item.TryRequired("to", "a task's name", out var t) ? t.Text() : null;
            var edge = pipeline.Edges.FirstOrDefault(e => pipeline.Tasks[e.From].Name == from && pipeline.Tasks[e.To].Name == to);
            if (edge is null)
            {
                if (from is not null && to is not null)
                    item.Fault("the pipeline has no such edge", $"{from} → {to}", Edges(pipeline));
                continue;
            }

            if (!seen.Add(edge.Index))
                item.Fault("the edge stands twice", $"{from} → {to}", "each edge once");
            Factors(item, pipeline.Tasks[edge.From], factors[edge.Index]);
        }

        return new FanOut([.. factors.Select(f => f.ToImmutableArray())]);
    }

    private static void Factors(JsonValue item, PipelineTask parent, double[] factors)
    {
        var one = item.TryOptional("factor", out var factor);
        var each = item.TryOptional("factors", out var byVariant);
        if (one == each)
        {
            item.Fault(one ? "both factor and factors are given" : "no factor is given", null, "either \"factor\" or \"factors\" by variant name");
            return;
        }

        if (one)
        {
            Array.Fill(factors, factor.Number(0, 1e6) ?? 1);
            return;
        }

        if (!byVariant.IsObjectWith([.. parent.Variants.Select(v => v.Name)]))
            return;
        foreach (var variant in parent.Variants)
        {
            if (byVariant.TryRequired(variant.Name, "children per query", out var number))
                factors[variant.Index] = number.Number(0, 1e6) ?? 1;
        }
    }

    private static string Edges(Pipeline pipeline) => pipeline.Edges.IsEmpty
        ? "none, it has no edges"
        : string.Join(", ", pipeline.Edges.Select(e => $"{pipeline.Tasks[e.From].Name} → {pipeline.Tasks[e.To].Name}"));
}

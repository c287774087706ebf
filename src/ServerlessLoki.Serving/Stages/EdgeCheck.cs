using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Whether a child's model can be fed along an edge.</summary>
internal static class EdgeCheck
{
    /// <summary>Why it cannot; null if it can.</summary>
    /// <param name="pipeline">The pipeline, with what its queries bring.</param>
    /// <param name="edge">The edge.</param>
    /// <param name="parent">A model of the parent.</param>
    /// <param name="child">A model of the child.</param>
    public static string? Fault(Pipeline pipeline, EdgeTransforms edge, OnnxModel parent, OnnxModel child)
    {
        var (from, to) = (pipeline.Tasks[edge.Edge.From], pipeline.Tasks[edge.Edge.To]);
        var variant = to.Variants.First(v => v.Name == child.Name);
        if (edge.Source == EdgeSource.ParentText && to.IsJoin)
            return "a join lays values side by side, and no texts: leave \"join\" out, so that each text is a row of its own, or hand the query's own text on by 'query'";
        if (variant.Input.Text is { } form)
            return TextFault(pipeline, edge, from, to, form, parent);
        if (variant.Input.Audio is not null)
            return edge.Source == EdgeSource.Query && pipeline.Root.TakesSounds ? null
                : $"the child takes sounds, which only queries bring: say \"transforms\": [{{\"name\": \"query\"}}]{(pipeline.Root.TakesSounds ? "" : ", and let the first task take sounds")}";
        if (edge.Source == EdgeSource.ParentTensors && to.IsJoin)
            return "'pass-tensor': a join lays what arrives side by side; only 'concat' does, or 'query' for the query's own input";
        return edge.Source switch
        {
            EdgeSource.ParentTensors => edge.TensorsFault(pipeline, child),
            EdgeSource.Query when !pipeline.Input.IsImage => TensorsFault(pipeline, child),
            EdgeSource.ParentText when child.Inputs is [{ Datatype: "BYTES" }] => StageTexts.Fault(from, parent, edge.IsGiven),
            _ => ProducerFault(pipeline, edge, from, to, variant, parent, child),
        };
    }

    private static string? TextFault(Pipeline pipeline, EdgeTransforms edge, PipelineTask from, PipelineTask to, TextForm form, OnnxModel parent)
    {
        var fault = edge.Source switch
        {
            EdgeSource.Producer or EdgeSource.ParentTensors => "the child takes texts: the edge says \"transforms\": [{\"name\": \"pass-text\"}] for a text of the parent, or [{\"name\": \"query\"}] for the query's own",
            EdgeSource.Query => TextFit.QueryFault(pipeline) is { } none ? $"'query': {none}" : null,
            _ => StageTexts.Fault(from, parent, edge.IsGiven),
        };
        return fault ?? TextFit.Fault(pipeline, to, form, edge.Source == EdgeSource.Query ? TextFit.OfQuery(pipeline) : 1);
    }

    private static string? TensorsFault(Pipeline pipeline, OnnxModel child)
    {
        foreach (var input in child.Inputs)
        {
            var own = pipeline.Inputs.Length == 1 && child.Inputs.Length == 1 ? pipeline.Input : pipeline.Inputs.FirstOrDefault(i => i.Name == input.Name);
            if (own is null)
                return $"'query': the child takes {input}, and queries bring {string.Join(", ", pipeline.Inputs.Select(static i => i.Name))}: name its inputs so in the export, or give it a constant";
            var row = input.RowShape(child.HasBatch);
            var shape = own.Shape;
            while (shape.Length > row.Length && shape[0] == 1)
                shape = shape.RemoveAt(0);
            var fits = own.Datatype == input.Datatype && shape.Length == row.Length;
            for (var i = 0; fits && i < row.Length; i++)
                fits = row[i] < 0 || row[i] == shape[i];
            if (!fits)
                return $"'query': the child takes {input}, and queries bring {own.Name} {own.Datatype} [{string.Join(',', own.Shape)}]: export the model for that, or narrow \"input\" of the file";
        }

        return null;
    }

    private static string? ProducerFault(
        Pipeline pipeline, EdgeTransforms edge, PipelineTask from, PipelineTask to, Variant variant, OnnxModel parent, OnnxModel child)
    {
        var output = from.Output;
        var fit = new EdgeFit(pipeline.Input.IsImage, output.Kind, parent.Output(output.Tensor), child.Inputs[0])
        {
            ParentVector = output.Kind == TaskOutputKind.Embedding ? MadeTensors.VectorOf(parent.RowOf(parent.Output(output.Tensor))) : null,
            Form = variant.Image,
        };
        var needs = to.IsJoin ? edge.CheckPart(fit) : edge.Check(fit);
        return needs.Fault ?? (needs.ParentTensor && variant.Input.Image is not null
            ? "the child's \"input\" says how it takes pictures, but the edge hands the parent's tensor on: leave \"input\" out" : null)
            ?? (needs.ParentTensor && output.Kind is not (TaskOutputKind.Tensor or TaskOutputKind.Embedding)
            ? "it hands the parent's tensor on, which a parent with output kind 'tensor' or 'embedding' does only" : null);
    }
}

using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Assembly of a join's input row from the arrivals along its edges.</summary>
internal static class JoinAssembly
{
    /// <summary>Fills one row: each edge's part in the order of the file, each arrival's values in fan-out order, zeros for missing
    /// arrivals; or the query's image, where the edges say so.</summary>
    /// <param name="task">Task that joins.</param>
    /// <param name="edges">All edges of the pipeline.</param>
    /// <param name="inputs">Arrivals in fan-out order.</param>
    /// <param name="image">Image of the query; null if it brought a tensor.</param>
    /// <param name="form">Conversion of images for the variant.</param>
    /// <param name="input">Input tensor of the model.</param>
    /// <param name="target">Row as bytes of that tensor.</param>
    public static void Fill(
        PipelineTask task, IReadOnlyList<EdgeTransforms> edges, IReadOnlyList<JoinInput> inputs, RgbImage? image, ImageForm form, ModelTensor input, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(edges);
        ArgumentNullException.ThrowIfNull(inputs);
        if (TakesPicture(task, edges))
        {
            edges[task.Incoming[0].Index].FillPart(new StageSource(image, default, default) { Form = form }, input, target);
            return;
        }

        target.Clear();
        foreach (var incoming in task.Incoming)
        {
            var edge = edges[incoming.Index];
            var part = target[..(edge.PartValues!.Value * sizeof(float))];
            target = target[part.Length..];
            foreach (var arrived in inputs)
            {
                if (arrived.Edge != incoming.Index || part.IsEmpty)
                    continue;
                var place = part[..(edge.ArrivalValues * sizeof(float))];
                edge.FillPart(new StageSource(image, arrived.Row, arrived.Tensor is { } tensor ? tensor.First : []), input, place);
                part = part[place.Length..];
            }
        }
    }

    /// <summary>Tests whether the input is the query's image, so that the join only waits.</summary>
    internal static bool TakesPicture(PipelineTask task, IReadOnlyList<EdgeTransforms> edges) => edges[task.Incoming[0].Index].PartValues is null;

    /// <summary>Returns why the parts of a join's edges do not make up its model's input; null if they do.</summary>
    internal static string? Check(PipelineTask task, IReadOnlyList<EdgeTransforms> edges, ModelTensor input)
    {
        var parts = task.Incoming.Select(e => edges[e.Index].PartValues).ToList();
        if (parts.TrueForAll(p => p is null))
            return null;
        if (parts.Contains(null))
            return "its edges lay values side by side ('concat') and hand an image on; all do the one or the other";
        var values = input.RowBytes / sizeof(float);
        return values is null || values == parts.Sum() ? null : $"its edges bring {string.Join(" + ", parts)} = {parts.Sum()} values, but input {input} takes {values} a row";
    }
}

using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Heights and widths of the images that a pipeline's tasks hand on, since a row travels as values only.</summary>
internal sealed class ParentImages
{
    private const int Channels = 3;
    private readonly ImmutableArray<(int Height, int Width)>[] _byEdge;

    private ParentImages(ImmutableArray<(int Height, int Width)>[] byEdge) => _byEdge = byEdge;

    /// <summary>Makes the sizes from the descriptions of the pipeline's models.</summary>
    public static ParentImages Of(PipelineSource source) => new([.. source.Pipeline.Edges.Select(e => Sizes(source, source.Pipeline.Tasks[e.From]))]);

    /// <summary>Finds the size of a row that came along an edge; null where the parent's output is no image.</summary>
    public (int Height, int Width)? Find(int edge, int values)
    {
        foreach (var size in _byEdge[edge])
        {
            if (Channels * size.Height * size.Width == values)
                return size;
        }

        return null;
    }

    private static ImmutableArray<(int Height, int Width)> Sizes(PipelineSource source, PipelineTask task) =>
        [.. task.Output.Kind != TaskOutputKind.Tensor ? [] : task.Variants
            .Select(v => source.Models.GetValueOrDefault(v.Name)?.Outputs.FirstOrDefault(o => task.Output.Tensor is null || o.Name == task.Output.Tensor))
            .Where(o => o is { Datatype: "FP32", Shape: [_, Channels, > 0, > 0] })
            .Select(o => ((int)o!.Shape[2], (int)o.Shape[3])).Distinct()];
}

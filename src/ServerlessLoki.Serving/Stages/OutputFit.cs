using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Outputs of a model with the settings of its task.</summary>
/// <param name="Expected">Output settings of the task.</param>
/// <param name="Outputs">Outputs in the model's order.</param>
/// <param name="Image">Height and width of the model's image input; null where it has none of a fixed size.</param>
public sealed record OutputFit(TaskOutput Expected, ImmutableArray<ModelTensor> Outputs, (int Height, int Width)? Image)
{
    /// <summary>Custom key-value pairs of the model file.</summary>
    public ImmutableDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>False where the model has no batch dimension.</summary>
    public bool HasBatch { get; init; } = true;

    /// <summary>Finds the dimensions of a row of an output, where a model is loaded; else null.</summary>
    internal Func<ModelTensor, ImmutableArray<long>>? Rows { private get; init; }

    /// <summary>True where the model's input is made from texts.</summary>
    public bool TakesTexts { get; init; }

    /// <summary>Returns the full path of a file that the pipeline file names.</summary>
    public Func<string, string> FullPath { get; init; } = Path.GetFullPath;

    /// <summary>Number of labels of the task; 0 = none, and classes go by their numbers.</summary>
    public int Labels => Expected.Labels.Length;

    /// <summary>Output that the task names, or the first.</summary>
    public ModelTensor Tensor => Outputs.FirstOrDefault(o => o.Name == Expected.Tensor) ?? Outputs[0];

    internal static OutputFit Of(TaskOutput expected, OnnxModel model) =>
        new(expected, model.Outputs, model.Inputs.Select(ImageSize).FirstOrDefault(s => s is not null)) { Metadata = model.Metadata, HasBatch = model.HasBatch, Rows = model.RowOf };

    /// <summary>Makes the fit of a variant's model at its place in the pipeline.</summary>
    internal static OutputFit Of(PipelineSource source, PipelineTask task, OnnxModel model) => Of(task.Output, model) with
    {
        FullPath = source.FullPath, TakesTexts = task.Variants.First(v => v.Name == model.Name).Input.Text is not null,
    };

    /// <summary>Returns the dimensions of a row of an output, wherever the model has the batch.</summary>
    internal ImmutableArray<long> RowOf(ModelTensor output) => Rows?.Invoke(output) ?? (HasBatch ? [.. output.Shape.Skip(1)] : output.Shape);

    /// <summary>Tests for a datatype of scores and coordinates.</summary>
    public static bool IsReal(ModelTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Datatype is "FP16" or "FP32" or "FP64";
    }

    private ImmutableSortedDictionary<string, string> Said => Expected.Kind == TaskOutputKind.Answer ? Expected.Answer.Tensors : Expected.Detections.Tensors;

    /// <summary>Finds the output of a role: the one that the file names for it; else the one of those that fit whose name implies it (the
    /// shortest such name); else the only one that fits.</summary>
    /// <param name="role">Key of <c>output.tensors</c>.</param>
    /// <param name="taken">Outputs that have a role already.</param>
    /// <param name="fits">Tests whether an output can have the role.</param>
    /// <param name="hints">Parts of names that imply the role.</param>
    /// <returns>Output; null where none fits or several might.</returns>
    internal ModelTensor? Find(string role, IReadOnlyCollection<ModelTensor?> taken, Func<ModelTensor, bool> fits, params string[] hints)
    {
        if (Said.TryGetValue(role, out var name))
            return Outputs.FirstOrDefault(o => o.Name == name && fits(o));
        var open = Outputs.Where(o => !taken.Contains(o) && fits(o) && !Said.ContainsValue(o.Name)).ToList();
        var told = open.Where(o => hints.Any(h => o.Name.Contains(h, StringComparison.OrdinalIgnoreCase))).ToList();
        var shortest = told.Where(o => o.Name.Length == told.Min(t => t.Name.Length)).ToList();
        return shortest is [var one] ? one : told is [] && open is [var only] ? only : null;
    }

    /// <summary>Returns why a number of classes does not fit the labels; null if it does: classes beyond the labels are ignored.</summary>
    internal string? LabelFault(ModelTensor tensor, int classes) => Labels <= classes ? null
        : $"output {tensor} has {classes} classes, but the task has {Labels} labels: list at most {classes} in the order of the model's classes, or leave \"labels\" out";

    /// <summary>Returns height and width of an image input of a fixed size, planes or channels first.</summary>
    private static (int Height, int Width)? ImageSize(ModelTensor input) => input.Shape switch
    {
        [_, 1 or 3 or 4, > 0 and var height, > 0 and var width] => ((int)height, (int)width),
        [_, > 0 and var height, > 0 and var width, 1 or 3 or 4] => ((int)height, (int)width),
        _ => null,
    };
}

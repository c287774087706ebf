using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving;

/// <summary>Inputs and outputs of one variant's model, as the Open Inference Protocol describes them.</summary>
/// <param name="Name">Variant name.</param>
/// <param name="Pipeline">Pipeline that the variant belongs to.</param>
/// <param name="Task">Task that the variant answers.</param>
/// <param name="Inputs">Inputs in the model's order.</param>
/// <param name="Outputs">Outputs in the model's order.</param>
public sealed record ModelDescription(
    string Name, string Pipeline, string Task, ImmutableArray<TensorDescription> Inputs, ImmutableArray<TensorDescription> Outputs)
{
    /// <summary>Reason why the model runs one row at a time; null where it takes batches, or was not tried yet.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>False where each request is one query in the model's own shapes, because its inputs share no batch dimension.</summary>
    public bool HasBatch { get; init; } = true;

    /// <summary>False where rows have no size that is known before they arrive: they come with their shapes.</summary>
    public bool IsSized { get; init; } = true;

    /// <summary>Returns the dimensions of one row.</summary>
    internal ImmutableArray<long> RowOf(TensorDescription tensor) => HasBatch ? tensor.Shape.RemoveAt(0) : tensor.Shape;

    /// <summary>Returns the most rows of a batch; null where the model sets no limit.</summary>
    internal int? MostRows() => !HasBatch || HeldBecause is not null ? 1 : Inputs is [{ Shape: [> 0 and var batch, ..] }, ..] ? (int)batch : null;

    internal static ModelDescription Of(Pipeline pipeline, PipelineTask task, OnnxModel model)
    {
        var (outputs, held) = model.Described;
        return new(model.Name, pipeline.Name, task.Name, [.. model.Inputs.Select(i => i.Description)], outputs)
        {
            HeldBecause = held, HasBatch = model.HasBatch, IsSized = model.IsSized,
        };
    }
}

/// <summary>Description of one tensor.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Datatype">Open Inference Protocol spelling, for example <c>FP32</c>.</param>
/// <param name="Shape">Dimensions with the batch first, where the model has one; −1 = variable.</param>
public sealed record TensorDescription(string Name, string Datatype, ImmutableArray<long> Shape);

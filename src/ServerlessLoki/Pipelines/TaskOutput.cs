using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>How a task's output tensors are read.</summary>
/// <param name="Kind">What the rows mean.</param>
/// <param name="Tensor">Name of the output tensor; null = the model's first output.</param>
/// <param name="Labels">Class names by index; edges filter on them.</param>
/// <param name="MinScore">Detections below it are ignored; 0..1; null = what the decoder takes where the file says nothing.</param>
public sealed record TaskOutput(TaskOutputKind Kind, string? Tensor, ImmutableArray<string> Labels, double? MinScore)
{
    /// <summary>A classification's values are logits and go through a softmax; else they are probabilities already.</summary>
    public bool Logits { get; init; }

    /// <summary>How detections are made of the model's outputs; of no meaning for another kind.</summary>
    public DetectionOutput Detections { get; init; } = DetectionOutput.Default;
}

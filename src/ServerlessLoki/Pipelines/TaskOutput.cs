using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>How a task's output tensors are read.</summary>
/// <param name="Kind">What the rows mean.</param>
/// <param name="Tensor">Name of the output tensor; null = the model's first output.</param>
/// <param name="Labels">Class names by index; edges filter on them; empty = classes go by their numbers.</param>
/// <param name="MinScore">Detections and classes below it are ignored; 0..1; null = what the decoder takes where the file says nothing, and for
/// classes 0, or 0.5 where several may hold.</param>
public sealed record TaskOutput(TaskOutputKind Kind, string? Tensor, ImmutableArray<string> Labels, double? MinScore)
{
    /// <summary>What a classification's values are.</summary>
    public ScoreForm Scores { get; init; }

    /// <summary>Most classes of a classification's answer, the best first; null = one, or where several may hold all of them.</summary>
    public int? TopK { get; init; }

    /// <summary>How detections are made of the model's outputs; of no meaning for another kind.</summary>
    public DetectionOutput Detections { get; init; } = DetectionOutput.Default;

    /// <summary>How a vector is made; of no meaning for another kind.</summary>
    public EmbeddingForm Embedding { get; init; } = EmbeddingForm.Default;

    /// <summary>How a text is made; of no meaning for another kind.</summary>
    public TextResultForm Text { get; init; } = TextResultForm.Default;

    /// <summary>How an answer is found; of no meaning for another kind.</summary>
    public SpanForm Answer { get; init; } = SpanForm.Default;

    /// <summary>True where a row of the task is tensors, one child per edge; false where it is any number of detections or classes.</summary>
    public bool IsTensors => Kind is not (TaskOutputKind.Detections or TaskOutputKind.Classification);

    /// <summary>True where the tensors are made of the model's outputs, and not those outputs themselves.</summary>
    public bool IsMade => IsTensors && Kind != TaskOutputKind.Tensor;
}

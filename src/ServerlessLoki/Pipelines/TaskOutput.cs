using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>Decoding of a task's output tensors.</summary>
/// <param name="Kind">Meaning of the rows.</param>
/// <param name="Tensor">Name of the output tensor; null = the model's first output.</param>
/// <param name="Labels">Class names by index; edges filter on them; empty = classes go by their numbers.</param>
/// <param name="MinScore">Least score, 0..1: detections and classes below it are ignored. Null = the decoder's default for detections; for
/// classes 0, or 0.5 where several classes may hold.</param>
public sealed record TaskOutput(TaskOutputKind Kind, string? Tensor, ImmutableArray<string> Labels, double? MinScore)
{
    /// <summary>Meaning of a classification's values.</summary>
    public ScoreForm Scores { get; init; }

    /// <summary>Most classes in a classification's answer, the best first; null = one, or all where several classes may hold.</summary>
    public int? TopK { get; init; }

    /// <summary>Settings for decoding detections; without effect for other kinds.</summary>
    public DetectionOutput Detections { get; init; } = DetectionOutput.Default;

    /// <summary>Settings for computing a vector; without effect for other kinds.</summary>
    public EmbeddingForm Embedding { get; init; } = EmbeddingForm.Default;

    /// <summary>Settings for computing a text; without effect for other kinds.</summary>
    public TextResultForm Text { get; init; } = TextResultForm.Default;

    /// <summary>Settings for finding an answer; without effect for other kinds.</summary>
    public SpanForm Answer { get; init; } = SpanForm.Default;

    /// <summary>True where one row of the task is a set of tensors with one child per edge; false where it is any number of detections or
    /// classes.</summary>
    public bool IsTensors => Kind is not (TaskOutputKind.Detections or TaskOutputKind.Classification);

    /// <summary>True where the task's tensors are computed from the model's outputs; false where they are those outputs.</summary>
    public bool IsMade => IsTensors && Kind != TaskOutputKind.Tensor;
}

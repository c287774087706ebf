using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Models that an edge connects.</summary>
/// <param name="QueryIsImage">True when the pipeline's queries bring images.</param>
/// <param name="ParentKind">Kind of the parent's output.</param>
/// <param name="ParentOutput">The parent model's output tensor.</param>
/// <param name="ChildInput">The child model's input tensor.</param>
public sealed record EdgeFit(bool QueryIsImage, TaskOutputKind ParentKind, ModelTensor ParentOutput, ModelTensor ChildInput)
{
    /// <summary>Options of the producer where the edge leads to a task that joins and fills a part of its input; null elsewhere.</summary>
    public TransformConfig? Part { get; init; }

    /// <summary>Number of values of the vector that the parent hands on; null where it hands on another tensor, or rows.</summary>
    public int? ParentVector { get; init; }

    /// <summary>Conversion of images for the child's variant.</summary>
    public ImageForm Form { get; init; } = ImageForm.Default;

    /// <summary>Reason why an image cannot become the child's input; null if it can.</summary>
    internal string? PictureFault => RootInput.PictureFault(ChildInput, Form);
}

namespace ServerlessLoki.Pipelines;

/// <summary>Model that can answer a task.</summary>
/// <param name="Index">Position in <see cref="PipelineTask.Variants"/>.</param>
/// <param name="Name">Name of the variant, unique in a host; also its model name in the Open Inference Protocol.</param>
/// <param name="ModelPath">ONNX file, absolute or relative to the pipeline file's folder.</param>
/// <param name="Accuracy">Accuracy of the variant's answers, 0..1, comparable within the task.</param>
/// <param name="Measured">Method and data of the accuracy's measurement, in words; null if not stated.</param>
public sealed record Variant(int Index, string Name, string ModelPath, double Accuracy, string? Measured = null)
{
    /// <summary>Memory that it takes in a slot, MiB; of variants that share weights, what it takes on top of the others. Null = not known.</summary>
    public double? MemoryMiB { get; init; }

    /// <summary>How a query, or its part, becomes its input.</summary>
    public TaskInput Input { get; init; } = TaskInput.None;

    /// <summary>Conversion of an image into the model's input.</summary>
    public ImageForm Image => Input.Image ?? ImageForm.Default;
}

namespace ServerlessLoki.Pipelines;

/// <summary>One model that can answer a task.</summary>
/// <param name="Index">Position in <see cref="PipelineTask.Variants"/>.</param>
/// <param name="Name">Unique in a host; also its model name in the Open Inference Protocol.</param>
/// <param name="ModelPath">ONNX file, absolute or relative to the pipeline file's folder.</param>
/// <param name="Accuracy">Quality of its answers in 0..1, comparable within the task.</param>
/// <param name="Measured">How and on what the accuracy was measured, for people to read; null if not said.</param>
public sealed record Variant(int Index, string Name, string ModelPath, double Accuracy, string? Measured = null)
{
    /// <summary>Memory that it takes in a slot, MiB; of variants that share weights, what it takes on top of the others. Null = not known.</summary>
    public double? MemoryMiB { get; init; }

    /// <summary>How a query, or its part, becomes its input.</summary>
    public TaskInput Input { get; init; } = TaskInput.None;

    /// <summary>How a picture becomes its input.</summary>
    public ImageForm Image => Input.Image ?? ImageForm.Default;
}

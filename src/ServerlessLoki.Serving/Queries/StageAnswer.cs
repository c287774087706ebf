namespace ServerlessLoki.Serving.Queries;

/// <summary>Answer of one variant to one input of one task.</summary>
/// <param name="Task">Task index in the pipeline.</param>
/// <param name="Variant">Variant index in the task.</param>
/// <param name="Parent">Position of the parent's answer in <see cref="QueryResult.Answers"/>; −1 for the root.</param>
/// <param name="ParentRow">Row of the parent's answer that this answer is about; −1 for the root.</param>
/// <param name="Rows">Detections, or one row with the best class; empty for raw tensors.</param>
/// <param name="Tensor">What the model gave for tasks whose output is a tensor; beside rows what was asked for with them, which edges do not
/// hand on; null otherwise.</param>
public sealed record StageAnswer(
    int Task, int Variant, int Parent, int ParentRow, IReadOnlyList<OutputRow> Rows, RowTensor? Tensor = null);

namespace ServerlessLoki.Cli.Inference;

/// <summary>Detection, classification or text in an answer.</summary>
/// <param name="Index">Position among all rows of the answer.</param>
/// <param name="Task">Task that found it.</param>
/// <param name="Label">Class name, or the text.</param>
/// <param name="Score">Score, 0..1; null for a text without one.</param>
/// <param name="Parent">Index of the row that this row is about; null for the root's.</param>
/// <param name="Box">Left, top, right, bottom in 0..1 of the image; null for a classification.</param>
internal sealed record FoundRow(int Index, string Task, string Label, double? Score, int? Parent, double[]? Box);

namespace ServerlessLoki.Samples.Evaluation;

/// <summary>One row of a detector's output, in scene pixels.</summary>
/// <param name="Kind">The class.</param>
/// <param name="Score">Confidence in 0 … 1.</param>
/// <param name="Box">Where.</param>
internal readonly record struct Detection(SceneObjectKind Kind, float Score, SceneBox Box);

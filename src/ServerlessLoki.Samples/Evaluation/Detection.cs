namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Row of a detector's output, in scene pixels.</summary>
/// <param name="Kind">Class of the detection.</param>
/// <param name="Score">Confidence, 0..1.</param>
/// <param name="Box">Box in scene pixels.</param>
internal readonly record struct Detection(SceneObjectKind Kind, float Score, SceneBox Box);

namespace ServerlessLoki.Samples;

/// <summary>One thing to find in a scene.</summary>
/// <param name="Kind">The detector's class.</param>
/// <param name="LabelIndex">The second stage's class, an index into <see cref="TrafficLabels.Of"/>.</param>
/// <param name="Box">The object's whole extent (hidden parts included), cut at the scene's border.</param>
/// <param name="VisibleShare">How much of the object nothing else covers, in 0 … 1.</param>
public sealed record SceneObject(SceneObjectKind Kind, int LabelIndex, SceneBox Box, double VisibleShare)
{
    /// <summary>The second stage's class by name.</summary>
    public string Label => TrafficLabels.Of(Kind)[LabelIndex];
}

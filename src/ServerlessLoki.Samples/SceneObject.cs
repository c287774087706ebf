namespace ServerlessLoki.Samples;

/// <summary>Object to find in a scene.</summary>
/// <param name="Kind">Class of the detector.</param>
/// <param name="LabelIndex">Class of the second stage, an index into <see cref="TrafficLabels.Of"/>.</param>
/// <param name="Box">Whole extent of the object (hidden parts included), cut at the scene's border.</param>
/// <param name="VisibleShare">Share of the object that no other object covers, 0..1.</param>
public sealed record SceneObject(SceneObjectKind Kind, int LabelIndex, SceneBox Box, double VisibleShare)
{
    /// <summary>Name of the second stage's class.</summary>
    public string Label => TrafficLabels.Of(Kind)[LabelIndex];
}

using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>What holds for detections where the pipeline file says nothing.</summary>
/// <param name="Boxes">What the four numbers of a box are.</param>
/// <param name="IsNormalised">True for shares of width and height, false for pixels of the model's input.</param>
/// <param name="MinScore">Detections below it are ignored.</param>
/// <param name="Nms">Intersection over union above which a box drops one of lower score; null = boxes do not drop each other.</param>
public sealed record DetectionDefaults(BoxForm Boxes, bool IsNormalised, double MinScore, double? Nms)
{
    /// <summary>Detections that the graph has finished: corners in 0..1, nothing left to drop.</summary>
    public static DetectionDefaults Finished { get; } = new(BoxForm.Xyxy, IsNormalised: true, MinScore: 0, Nms: null);

    /// <summary>A head's raw boxes: centre and size in pixels, thousands of places that overlap. The thresholds are those with which such
    /// models are commonly run.</summary>
    public static DetectionDefaults Head { get; } = new(BoxForm.Cxcywh, IsNormalised: false, MinScore: 0.25, Nms: 0.45);
}

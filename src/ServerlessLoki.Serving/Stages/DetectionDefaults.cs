using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Settings for detections where the pipeline file says nothing.</summary>
/// <param name="Boxes">Meaning of the four numbers of a box.</param>
/// <param name="IsNormalised">True for shares of width and height, false for pixels of the model's input.</param>
/// <param name="MinScore">Least score, 0..1: detections below it are ignored.</param>
/// <param name="Nms">Intersection over union above which a box drops one of lower score, 0..1; null = boxes do not drop each other.</param>
public sealed record DetectionDefaults(BoxForm Boxes, bool IsNormalised, double MinScore, double? Nms)
{
    /// <summary>Defaults for detections that the graph has finished: corners in 0..1, no suppression left.</summary>
    public static DetectionDefaults Finished { get; } = new(BoxForm.Xyxy, IsNormalised: true, MinScore: 0, Nms: null);

    /// <summary>Defaults for a head's raw boxes: centre and size in pixels, with thousands of overlapping places. The thresholds are the
    /// usual ones for such models.</summary>
    public static DetectionDefaults Head { get; } = new(BoxForm.Cxcywh, IsNormalised: false, MinScore: 0.25, Nms: 0.45);
}

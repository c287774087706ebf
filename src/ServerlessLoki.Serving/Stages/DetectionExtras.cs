using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>What detections of some decoders have beside box, score and class.</summary>
internal static class DetectionExtras
{
    /// <summary>Decoder of boxes with key points.</summary>
    public const string YoloPose = "yolo-pose";

    /// <summary>Decoder of boxes with masks.</summary>
    public const string YoloSeg = "yolo-seg";

    /// <summary>Rows and columns of a detection's mask, which shows the whole picture: the masks of all variants are alike.</summary>
    public const int MaskSide = 160;

    /// <summary>True where a detection has more columns: its points.</summary>
    public static bool HasPoints(TaskOutput output) => output.Detections.Decoder is YoloPose;

    /// <summary>True where a detection has a mask.</summary>
    public static bool HasMasks(TaskOutput output) => output.Detections.Decoder is YoloSeg;
}

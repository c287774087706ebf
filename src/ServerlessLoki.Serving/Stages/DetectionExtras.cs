using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Stages;

/// <summary>What detections of some decoders have beside box, score and class.</summary>
internal static class DetectionExtras
{
    /// <summary>Decoder of boxes with key points.</summary>
    public const string YoloPose = "yolo-pose";

    /// <summary>Decoder of boxes with masks.</summary>
    public const string YoloSeg = "yolo-seg";

    /// <summary>Decoder of turned regions of text.</summary>
    public const string Db = "db";

    /// <summary>Decoder of turned boxes.</summary>
    public const string YoloObb = "yolo-obb";

    /// <summary>Decoder of boxes beside anchors.</summary>
    public const string Anchors = "anchors";

    /// <summary>Decoder of OpenCV's face detector.</summary>
    public const string Yunet = "yunet";

    /// <summary>Rows and columns of a detection's mask, which shows the whole picture: the masks of all variants are alike.</summary>
    public const int MaskSide = 160;

    /// <summary>Said where a decoder makes boxes of its own, and the file says what its numbers are; null where it says nothing.</summary>
    public static string? FormFault(TaskOutput output) => output.Detections.Boxes is null && output.Detections.IsNormalised is null ? null
        : $"decoder {output.Detections.Decoder} makes its boxes itself: leave \"boxes\" and \"normalised\" out";

    /// <summary>True where a detection has more columns: its points.</summary>
    public static bool HasPoints(TaskOutput output) => output.Detections.Decoder is YoloPose or YoloObb or Db or Anchors or Yunet;

    /// <summary>True where a detection has a mask.</summary>
    public static bool HasMasks(TaskOutput output) => output.Detections.Decoder is YoloSeg;
}

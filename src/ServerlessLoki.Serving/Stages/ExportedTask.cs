
namespace ServerlessLoki.Serving.Stages;

/// <summary>What Ultralytics' exporters say a model is for: heads of masks, key points and rotated boxes look like detectors of more classes.</summary>
internal static class ExportedTask
{
    /// <summary>Why a model is no plain detector; null if nothing says so.</summary>
    public static string? Fault(OutputFit fit) => fit.Metadata.GetValueOrDefault("task") switch
    {
        "segment" => $"it is a segmentation model (metadata task: segment): say \"decoder\": \"{DetectionExtras.YoloSeg}\"",
        "pose" => $"it is a pose model (metadata task: pose): say \"decoder\": \"{DetectionExtras.YoloPose}\"",
        "obb" => $"it gives rotated boxes (metadata task: obb), not upright ones: say \"decoder\": \"{DetectionExtras.YoloObb}\"",
        "classify" => "it is a classifier (metadata task: classify): say \"kind\": \"classification\"",
        _ => HasPrototypes(fit) ? $"it has an output of prototypes besides, as segmentation models have: say \"decoder\": \"{DetectionExtras.YoloSeg}\"" : null,
    };

    /// <summary>Where no metadata say it: planes, and a head with as many values of a place too many. Only a guess: not made where the file
    /// names the decoder, or the head in "tensor".</summary>
    private static bool HasPrototypes(OutputFit fit) => fit.Expected is { Tensor: null, Detections.Decoder: null } && fit.Outputs.Any(o => OutputFit.IsReal(o) && o.Shape is [_, > 1 and var parts, not 1, not 1]
        && fit.Outputs.Any(h => h.Shape is [_, var values, var last] && (IsHead(values, parts, fit.Labels) || IsHead(last - 1, parts, fit.Labels))));

    private static bool IsHead(long values, long parts, int labels) => labels > 0 ? values >= YoloDecoder.Box + labels + parts : values > YoloDecoder.Box + parts;
}

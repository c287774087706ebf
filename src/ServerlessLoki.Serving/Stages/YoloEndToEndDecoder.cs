using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>yolo-end-to-end</c> of YOLOv10, YOLO26 and exports with suppression in the graph, <c>[N, K, 6]</c>: x1, y1, x2, y2
/// in pixels of the model's input, score, class.</summary>
internal sealed class YoloEndToEndDecoder : IOutputDecoder
{
    /// <inheritdoc />
    public string Name => "yolo-end-to-end";

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return SixValues.Bind(fit, DetectionDefaults.Finished with { IsNormalised = false, MinScore = DetectionDefaults.Head.MinScore });
    }
}

using System.Collections.Immutable;
using System.Numerics;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>yolo-obb</c>: the heads of rotated boxes of YOLOv8 and v11, <c>[N, 4 + classes + 1, K]</c>: as <c>yolo</c>, then the angle by which the
/// box is turned, radians. The four corners are points; overlaps are those of the turned boxes.</summary>
internal sealed class YoloObbDecoder : IOutputDecoder
{
    /// <inheritdoc />
    public string Name => DetectionExtras.YoloObb;

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (DetectionExtras.FormFault(fit.Expected) is { } form)
            return DecoderBinding.Refused(form);
        var tensor = fit.Tensor;
        if (!OutputFit.IsReal(tensor) || tensor.Shape.Length != 3 || tensor.Shape[1] <= YoloDecoder.Box + 1)
            return DecoderBinding.Refused($"output {tensor}: for decoder {Name} it must be FP32 or FP16 [N, 4 + classes + 1, K], the number of classes fixed");
        var classes = (int)tensor.Shape[1] - YoloDecoder.Box - 1;
        return fit.LabelFault(tensor, classes) is { } fault
            ? DecoderBinding.Refused($"decoder {Name}: {fault}") : DecoderBinding.By(new Reader(tensor.Index, classes), DetectionDefaults.Head, classes);
    }

    private sealed class Reader(int output, int classes) : YoloReader(output, classes, 1)
    {
        protected override bool TryAdd(DetectionList found, float score, float label, ReadOnlySpan<float> box, int place, ReadOnlySpan<float> values)
        {
            var angle = More(values, 0, place);
            return found.TryAdd(score, label, Quad.Around(new Vector2(box[0], box[1]), new Vector2(MathF.Cos(angle), MathF.Sin(angle)), box[2], box[3]));
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>yolo-pose</c>: the pose heads of YOLOv8 and v11, <c>[N, 4 + classes + 3 × points, K]</c>: as <c>yolo</c>, then of each key point x,
/// y and how likely it can be seen, or x and y only.</summary>
internal sealed class YoloPoseDecoder : IOutputDecoder
{
    /// <inheritdoc />
    public string Name => DetectionExtras.YoloPose;

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var tensor = fit.Tensor;
        if (!OutputFit.IsReal(tensor) || tensor.Shape.Length != 3 || tensor.Shape[1] <= YoloDecoder.Box)
            return DecoderBinding.Refused($"output {tensor}: for decoder {Name} it must be FP32 or FP16 [N, 4 + classes + 3 × points, K], the number of both fixed");
        var values = (int)tensor.Shape[1] - YoloDecoder.Box;
        var (points, width) = Said(fit.Metadata) ?? (fit.Labels > 0 && values - fit.Labels is > 0 and var left ? left % 3 == 0 ? (left / 3, 3) : (left / 2, 2) : default);
        var classes = values - (points * width);
        if (points == 0)
            return DecoderBinding.Refused($"output {tensor}: decoder {Name} needs the number of its classes, which the model's metadata (kpt_shape) do not say: list the \"labels\"");
        if (classes < 1 || (points * width) + Math.Max(fit.Labels, 1) > values)
            return DecoderBinding.Refused($"output {tensor} has {values} values of a place behind its box, which are no {points} points of {width} numbers and {Math.Max(fit.Labels, 1)} classes: list the labels that the model was trained with");
        return DecoderBinding.By(new Reader(tensor.Index, classes, points, width), DetectionDefaults.Head, classes);
    }

    /// <summary>As Ultralytics' exporter writes it: <c>[17, 3]</c>.</summary>
    private static (int Points, int Width)? Said(IReadOnlyDictionary<string, string> metadata)
    {
        var numbers = metadata.GetValueOrDefault("kpt_shape")?.Trim('[', ']', '(', ')', ' ').Split(',', StringSplitOptions.TrimEntries);
        return numbers is [var first, var second] && int.TryParse(first, CultureInfo.InvariantCulture, out var points)
            && int.TryParse(second, CultureInfo.InvariantCulture, out var width) && points is > 0 and < 10_000 && width is 2 or 3 ? (points, width) : null;
    }

    private sealed class Reader(int output, int classes, int points, int width) : YoloReader(output, classes, points * width), IPointReader
    {
        private readonly int _output = output;

        public RowPoints? PointsOf(IOutputValues outputs, int place, DetectionForm form)
        {
            var values = outputs.Of(_output);
            var read = new float[points * width];
            for (var i = 0; i < read.Length; i++)
            {
                var value = More(values, i, place);
                if (!float.IsFinite(value))
                    return null;
                read[i] = Math.Clamp((i % width) switch { 0 => value / form.Width, 1 => value / form.Height, _ => value }, 0, 1);
            }

            return new RowPoints(ImmutableArray.Create(read), width);
        }
    }
}

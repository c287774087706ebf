using System.Collections.Immutable;
using System.Numerics;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>db</c>: how likely each pixel belongs to a text, <c>[N, 1, H, W]</c>, as text detectors by differentiable binarization (PaddleOCR's)
/// give it → the smallest turned rectangle around each region, grown, with its four corners as points. The steps are those of PaddleOCR's <c>DBPostProcess</c>.</summary>
internal sealed class DbDecoder : IOutputDecoder
{
    // PaddleOCR's: sides of a region before and after it is grown, pixels.
    private const float MinSide = 3;
    private const float MinGrownSide = 5;

    /// <inheritdoc />
    public string Name => DetectionExtras.Db;

    /// <inheritdoc />
    public ImmutableArray<string> Roles => [];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (DetectionExtras.FormFault(fit.Expected) is { } form)
            return DecoderBinding.Refused(form);
        var tensor = fit.Tensor;
        (int Height, int Width)? size = tensor.Shape switch
        {
            [_, 1, > 0 and var height, > 0 and var width] => ((int)height, (int)width),
            [_, > 1 and var height, > 1 and var width] => ((int)height, (int)width),
            [_, 1 or -1, -1, _] or [_, 1 or -1, _, -1] => fit.Image,
            _ => null,
        };
        if (!OutputFit.IsReal(tensor) || size is not { } map)
            return DecoderBinding.Refused($"output {tensor}: for decoder {Name} it must be FP32 or FP16 [N, 1, H, W], as large as the model's image input where that is not fixed");
        return fit.Labels > 1
            ? DecoderBinding.Refused($"decoder {Name} tells texts and nothing else, but the task has {fit.Labels} labels: list one, such as \"text\", or leave \"labels\" out")
            : DecoderBinding.By(new Reader(tensor.Index, map, fit.Expected.Detections.Regions), DetectionDefaults.Finished);
    }

    private sealed class Reader(int output, (int Height, int Width) map, TextRegionForm form) : IDetectionReader
    {
        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var values = outputs.Of(output);
            if (values.Length != map.Height * map.Width)
                throw new ModelException($"{values.Length} values are no map of {map.Height} × {map.Width}.");
            foreach (var value in values)
            {
                if (!float.IsFinite(value))
                    return false;
            }

            var regions = new List<(Vector2 Middle, Vector2 Along, float Width, float Height)>();
            Regions.Find(values, map.Width, (float)form.Threshold, form.MaxCandidates, points => regions.Add(MinimumRectangle.Of(points)));
            foreach (var (middle, along, width, height) in regions)
            {
                if (Math.Min(width, height) < MinSide)
                    continue;
                var score = Mean(values, Quad.Around(middle, along, width, height));
                if (score < form.BoxThreshold)
                    continue;
                var grow = 2 * (float)form.UnclipRatio * width * height / (2 * (width + height));
                if (Math.Min(width, height) + grow >= MinGrownSide && !found.TryAdd(Math.Clamp(score, 0, 1), 0, Scaled(Quad.Around(middle, along, width + grow, height + grow))))
                    return false;
            }

            return true;
        }

        private Quad Scaled(Quad quad)
        {
            var size = new Vector2(map.Width, map.Height);
            return new Quad(quad.TopLeft / size, quad.TopRight / size, quad.BottomRight / size, quad.BottomLeft / size);
        }

        /// <summary>Computes the mean of the values inside a quadrilateral, its sides included.</summary>
        private float Mean(ReadOnlySpan<float> values, Quad quad)
        {
            var (sum, count) = (0.0, 0);
            var (top, bottom) = (Math.Min(quad.TopLeft.Y, quad.TopRight.Y), Math.Max(quad.BottomLeft.Y, quad.BottomRight.Y));
            // Whole numbers are hit in spite of rounding.
            const float Slack = 1e-3f;
            for (var y = Math.Max(0, (int)MathF.Ceiling(top - Slack)); y <= Math.Min(map.Height - 1, bottom + Slack); y++)
            {
                if (quad.Across(Math.Clamp(y, top, bottom)) is not (var from, var to))
                    continue;
                for (var x = Math.Max(0, (int)MathF.Ceiling(from - Slack)); x <= Math.Min(map.Width - 1, to + Slack); x++)
                    (sum, count) = (sum + values[(y * map.Width) + x], count + 1);
            }

            return count == 0 ? 0 : (float)(sum / count);
        }
    }
}

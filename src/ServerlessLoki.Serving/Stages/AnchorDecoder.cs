using System.Collections.Immutable;
using System.Numerics.Tensors;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>anchors</c>: heads of SSD and of face detectors as exported before the anchors come in. Boxes <c>[N, K, 4 (+ 2 × points)]</c> and
/// scores <c>[N, K, classes]</c>, whose first may be the background, or <c>[N, K]</c>; points <c>[N, K, 2 × points]</c> with them or in an output of their own.</summary>
internal sealed class AnchorDecoder : IOutputDecoder
{
    private const int Box = 4;

    /// <inheritdoc />
    public string Name => DetectionExtras.Anchors;

    /// <inheritdoc />
    public ImmutableArray<string> Roles { get; } = ["boxes", "scores", "points"];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        if (DetectionExtras.FormFault(fit.Expected) is { } form)
            return DecoderBinding.Refused(form);
        if (fit.Expected.Detections.Anchors is not { } said)
            return DecoderBinding.Refused($"decoder {Name} needs \"anchors\"");
        var anchors = Anchors.Of(said, fit.Image, fit.FullPath, out var fault);
        if (fault is not null)
            return DecoderBinding.Refused(fault);
        var count = anchors.Length / Anchors.Width;
        var boxes = fit.Find("boxes", [], o => IsOfAnchors(o, count) && o.Shape.Length == 3 && o.Shape[2] >= Box && o.Shape[2] % 2 == 0, "box", "loc", "regress");
        var scores = fit.Find("scores", [boxes], o => IsOfAnchors(o, count), "score", "conf", "class", "prob", "cls");
        var points = fit.Find("points", [boxes, scores], o => IsOfAnchors(o, count) && o.Shape.Length == 3 && o.Shape[2] % 2 == 0, "land", "point", "ldm", "kps");
        if (boxes is null || scores is null)
        {
            return DecoderBinding.Refused(
                $"decoder {Name} reads boxes [N, {count}, 4] ({boxes?.ToString() ?? "not found"}) and scores [N, {count}, classes] ({scores?.ToString() ?? "not found"}) for {count} anchors; "
                + $"the model has {string.Join(", ", fit.Outputs)}: make \"anchors\" fit, or say which is which by \"tensors\": {{\"boxes\": …, \"scores\": …, \"points\": …}}");
        }

        var all = scores.Shape.Length == 3 ? (int)scores.Shape[2] : 1;
        var background = all == 1 ? 0 : all - fit.Labels;
        return background is not (0 or 1) || fit.Labels > all
            ? DecoderBinding.Refused($"decoder {Name}: output {scores} has {all} scores an anchor and the task {fit.Labels} labels: list {all} labels, or {all - 1} where the first score is the background's")
            : DecoderBinding.By(
                new Reader(fit.Expected, anchors, Factors(said, fit.Image), (boxes.Index, (int)boxes.Shape[2]), (scores.Index, all, background), points is null ? null : (points.Index, (int)points.Shape[2])),
                DetectionDefaults.Head with { IsNormalised = true });
    }

    private static bool IsOfAnchors(ModelTensor output, int count) =>
        OutputFit.IsReal(output) && (output.Shape is [_, var places, > 0] && (places < 0 || places == count) || (output.Shape is [_, var flat] && flat == count));

    private static (float X, float Y, float Width, float Height) Factors(AnchorForm form, (int Height, int Width)? size)
    {
        if (form.Variances is [var centre, var side])
            return ((float)centre, (float)centre, (float)side, (float)side);
        return form.IsLinear && size is { } image ? (1f / image.Width, 1f / image.Height, 1f / image.Width, 1f / image.Height) : (0.1f, 0.1f, 0.2f, 0.2f);
    }

    private sealed class Reader(
        TaskOutput said, float[] anchors, (float X, float Y, float Width, float Height) factors, (int Index, int Width) boxes, (int Index, int All, int Background) scores, (int Index, int Width)? points) : IPointReader
    {
        private readonly bool _isLinear = said.Detections.Anchors!.IsLinear;

        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var box = outputs.Of(boxes.Index);
            var score = outputs.Of(scores.Index);
            var count = anchors.Length / Anchors.Width;
            if (box.Length != count * boxes.Width || score.Length != count * scores.All)
                throw new ModelException($"{box.Length} values of boxes and {score.Length} scores do not go with {count} anchors.");
            for (var place = 0; place < count; place++, box = box[boxes.Width..], score = score[scores.All..])
            {
                // Where one is no number, it is the index of that.
                var best = scores.Background + TensorPrimitives.IndexOfMax(score[scores.Background..scores.All]);
                var likely = Likely(score[..scores.All], best);
                if (likely < found.MinScore)
                    continue;
                var anchor = anchors.AsSpan(place * Anchors.Width, Anchors.Width);
                var (width, height) = (box[2] * factors.Width, box[3] * factors.Height);
                if (!_isLinear)
                    (width, height) = (MathF.Exp(width), MathF.Exp(height));
                if (!found.TryAdd(likely, best - scores.Background, X(anchor, box[0]), Y(anchor, box[1]), anchor[2] * width, anchor[3] * height, place))
                    return false;
            }

            return true;
        }

        public RowPoints? PointsOf(IOutputValues outputs, int place, DetectionForm form)
        {
            if (points is { } apart && outputs.Of(apart.Index).Length < (place + 1) * apart.Width)
                throw new ModelException($"{outputs.Of(apart.Index).Length} values of points do not go with {anchors.Length / Anchors.Width} anchors.");
            var numbers = points is { } own ? outputs.Of(own.Index).Slice(place * own.Width, own.Width) : outputs.Of(boxes.Index).Slice((place * boxes.Width) + Box, boxes.Width - Box);
            var anchor = anchors.AsSpan(place * Anchors.Width, Anchors.Width);
            var read = new float[numbers.Length];
            for (var i = 0; i < read.Length; i++)
            {
                if (!float.IsFinite(numbers[i]))
                    return null;
                read[i] = Math.Clamp(i % 2 == 0 ? X(anchor, numbers[i]) : Y(anchor, numbers[i]), 0, 1);
            }

            return new RowPoints([.. read], 2);
        }

        private float Likely(ReadOnlySpan<float> values, int best) => said.Scores switch
        {
            ScoreForm.Sigmoid => 1 / (1 + MathF.Exp(-values[best])),
            ScoreForm.Logits => MathF.Exp(values[best] - LogSum(values)),
            _ => values[best],
        };

        private static float LogSum(ReadOnlySpan<float> values)
        {
            var (largest, sum) = (TensorPrimitives.Max(values), 0f);
            foreach (var value in values)
                sum += MathF.Exp(value - largest);
            return largest + MathF.Log(sum);
        }

        private float X(ReadOnlySpan<float> anchor, float value) => anchor[0] + (value * factors.X * anchor[2]);

        private float Y(ReadOnlySpan<float> anchor, float value) => anchor[1] + (value * factors.Y * anchor[3]);
    }
}

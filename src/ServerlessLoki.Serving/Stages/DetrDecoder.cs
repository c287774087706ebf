using System.Collections.Immutable;
using System.Numerics.Tensors;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>detr</c> of logits <c>[N, Q, C + 1]</c>, the last of which means "nothing" (softmax), or <c>[N, Q, C]</c> as RT-DETR
/// and Deformable DETR give them (sigmoid), and boxes <c>[N, Q, 4]</c> of centre and size in 0..1. Each query takes its best
/// class.</summary>
internal sealed class DetrDecoder : IOutputDecoder
{
    private const int Box = 4;

    /// <inheritdoc />
    public string Name => "detr";

    /// <inheritdoc />
    public ImmutableArray<string> Roles { get; } = ["logits", "boxes"];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var boxes = fit.Find("boxes", [], static o => OutputFit.IsReal(o) && o.Shape is [_, _, -1 or Box], "box");
        var logits = fit.Find("logits", [boxes], static o => OutputFit.IsReal(o) && o.Shape is [_, _, > 0], "logit", "score");
        if (boxes is null || logits is null)
        {
            return DecoderBinding.Refused(
                $"decoder detr reads logits [N, Q, classes + 1] ({logits?.ToString() ?? "not found"}) and boxes [N, Q, 4] ({boxes?.ToString() ?? "not found"}); "
                + $"the model has {string.Join(", ", fit.Outputs)}: say which is which by \"tensors\": {{\"logits\": …, \"boxes\": …}}");
        }

        var all = (int)logits.Shape[2];
        var isSigmoid = fit.Labels == all;
        if (!isSigmoid && (all < 2 || (fit.Labels != 0 && fit.Labels != all - 1)))
        {
            return DecoderBinding.Refused(
                $"decoder detr: output {logits} has {all} logits a place and the task {fit.Labels} labels: list {all - 1} labels where the last logit means \"nothing\", or {all} where each is a class");
        }

        var defaults = new DetectionDefaults(BoxForm.Cxcywh, IsNormalised: true, DetectionDefaults.Head.MinScore, Nms: null);
        return DecoderBinding.By(new Reader(logits.Index, boxes.Index, all, isSigmoid), defaults);
    }

    private sealed class Reader(int logits, int boxes, int all, bool isSigmoid) : IDetectionReader
    {
        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var box = outputs.Of(boxes);
            var logit = outputs.Of(logits);
            if (box.Length / Box * all != logit.Length)
                throw new ModelException($"{box.Length} values of boxes do not go with {logit.Length} logits of {all} classes.");
            for (; box.Length >= Box; box = box[Box..], logit = logit[all..])
            {
                var values = logit[..all];
                // Where one is no number, it is the index of that.
                var best = TensorPrimitives.IndexOfMax(isSigmoid ? values : values[..^1]);
                if (!found.TryAdd(Score(values, best), best, box[0], box[1], box[2], box[3]))
                    return false;
            }

            return true;
        }

        private float Score(ReadOnlySpan<float> values, int best)
        {
            // An infinite one has no share: the difference is no number.
            var largest = TensorPrimitives.Max(values);
            if (isSigmoid)
                return largest == float.PositiveInfinity ? float.NaN : 1 / (1 + MathF.Exp(-values[best]));
            var sum = 0f;
            foreach (var value in values)
                sum += MathF.Exp(value - largest);
            return MathF.Exp(values[best] - largest) / sum;
        }
    }
}

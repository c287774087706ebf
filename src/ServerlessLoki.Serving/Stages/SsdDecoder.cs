using System.Collections.Immutable;
using System.Numerics.Tensors;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder <c>ssd</c> of boxes <c>[N, K, 4]</c> and scores in separate outputs. Either classes <c>[N, K]</c> come with them, and
/// possibly their count, as from SSD, TensorFlow and torchvision detectors; or there is a score for each class, <c>[N, K, C]</c>, whose
/// first may be the background.</summary>
internal sealed class SsdDecoder : IOutputDecoder
{
    private const int Box = 4;

    /// <inheritdoc />
    public string Name => "ssd";

    /// <inheritdoc />
    public ImmutableArray<string> Roles { get; } = ["boxes", "scores", "classes", "count"];

    /// <inheritdoc />
    public DecoderBinding Bind(OutputFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        var boxes = fit.Find("boxes", [], static o => OutputFit.IsReal(o) && o.Shape.Length is 2 or 3 && o.Shape[^1] is -1 or Box, "box", "loc");
        var scores = fit.Find("scores", [boxes], static o => OutputFit.IsReal(o), "score", "conf", "prob");
        var count = fit.Find("count", [boxes, scores], o => IsCount(fit, o));
        var classes = fit.Find("classes", [boxes, scores, count], o => IsNumeric(o) && o.Shape.Length == scores?.Shape.Length, "class", "label");
        if (boxes is null || scores is null)
            return DecoderBinding.Refused(Unfound(fit, boxes, scores));
        // TensorFlow puts y first; torchvision knows no batch and gives pixels.
        var defaults = DetectionDefaults.Finished with
        {
            Boxes = boxes.Name.Contains("detection_boxes", StringComparison.Ordinal) ? BoxForm.Yxyx : BoxForm.Xyxy, IsNormalised = boxes.Shape.Length == 3,
        };
        if (classes is not null && scores.Shape.Length == boxes.Shape.Length - 1)
            return DecoderBinding.By(new Triple(boxes.Index, scores.Index, classes.Index, count?.Index), defaults);
        if (scores.Shape.Length != boxes.Shape.Length || scores.Shape[^1] < 1)
            return DecoderBinding.Refused(Unfound(fit, boxes, scores));
        var all = (int)scores.Shape[^1];
        return fit.Labels == all || (fit.Labels > 0 && fit.Labels == all - 1)
            ? DecoderBinding.By(new Pair(boxes.Index, scores.Index, all, all - fit.Labels), defaults with { MinScore = DetectionDefaults.Head.MinScore, Nms = DetectionDefaults.Head.Nms })
            : DecoderBinding.Refused($"decoder ssd: output {scores} has {all} scores a place and the task {fit.Labels} labels: list {all} labels, or {all - 1} where the first score is the background's");
    }

    /// <summary>Tests for numbers. Some exports have the names of classes as texts beside their numbers.</summary>
    private static bool IsNumeric(ModelTensor output) => output is { ElementBytes: > 0, IsMap: false, Datatype: not ("BOOL" or "BF16") };

    /// <summary>Tests for the count of detections by its name, since many models have an output of one value.</summary>
    private static bool IsCount(OutputFit fit, ModelTensor output) => IsNumeric(output) && output.RowElements is 1 or null
        && (fit.Expected.Detections.Tensors.ContainsKey("count") || output.Name.Contains("num", StringComparison.OrdinalIgnoreCase) || output.Name.Contains("count", StringComparison.OrdinalIgnoreCase));

    private static string Unfound(OutputFit fit, ModelTensor? boxes, ModelTensor? scores) =>
        $"decoder ssd reads boxes [N, K, 4] ({boxes?.ToString() ?? "not found"}), scores [N, K] ({scores?.ToString() ?? "not found"}), classes [N, K] and if there is one a count; "
        + $"the model has {string.Join(", ", fit.Outputs)}: say which is which by \"tensors\": {{\"boxes\": …, \"scores\": …, \"classes\": …, \"count\": …}}";

    private sealed class Triple(int boxes, int scores, int classes, int? count) : IDetectionReader
    {
        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var box = outputs.Of(boxes);
            var score = outputs.Of(scores);
            var label = outputs.Of(classes);
            if (box.Length != Box * score.Length || label.Length != score.Length)
                throw new ModelException($"{box.Length} values of boxes, {score.Length} scores and {label.Length} classes do not go together.");
            if (count is { } index)
            {
                if (outputs.Of(index) is not [var real])
                    throw new ModelException($"the number of boxes is {outputs.Of(index).Length} values.");
                if (!float.IsFinite(real))
                    return false;
                score = score[..(int)Math.Clamp(real, 0, score.Length)];
            }

            for (var i = 0; i < score.Length; i++)
            {
                if (!found.TryAdd(score[i], label[i], box[Box * i], box[(Box * i) + 1], box[(Box * i) + 2], box[(Box * i) + 3]))
                    return false;
            }

            return true;
        }
    }

    private sealed class Pair(int boxes, int scores, int all, int background) : IDetectionReader
    {
        public bool TryRead(IOutputValues outputs, DetectionList found)
        {
            var box = outputs.Of(boxes);
            var score = outputs.Of(scores);
            if (box.Length / Box * all != score.Length)
                throw new ModelException($"{box.Length} values of boxes do not go with {score.Length} scores of {all} classes.");
            for (; box.Length >= Box; box = box[Box..], score = score[all..])
            {
                // Where one is no number, it is the index of that.
                var best = TensorPrimitives.IndexOfMax(score[background..all]);
                if (!found.TryAdd(score[background + best], best, box[0], box[1], box[2], box[3]))
                    return false;
            }

            return true;
        }
    }
}

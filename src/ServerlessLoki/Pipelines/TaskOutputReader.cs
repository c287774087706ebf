using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Reads a task's <c>output</c> in a pipeline file.</summary>
internal static class TaskOutputReader
{
    public static TaskOutput Raw { get; } = new(TaskOutputKind.Tensor, null, [], null);

    public static TaskOutput Read(JsonValue value)
    {
        if (!value.IsObjectWith(["kind", "tensor", "labels", "labelsFile", "minScore", "scores", "topK", .. OutputKeys.Special]))
            return Raw;
        var kind = value.TryRequired("kind", string.Join(", ", OutputKeys.Kinds), out var kindValue) ? kindValue.OneOf(OutputKeys.Kinds) : null;
        var tensor = value.TryOptional("tensor", out var tensorValue) ? tensorValue.Text() : null;
        var minScore = value.TryOptional("minScore", out var score) ? score.Number(0, 1) : null;
        var scores = value.TryOptional("scores", out var scoresValue) ? scoresValue.OneOf("probabilities", "logits", "sigmoid") : null;
        if (scores is "logits" or "sigmoid" && kind is not (null or "classification") && (kind, scores) is not (("text", "logits") or ("segmentation", "sigmoid"))
            && !(kind == "detections" && value.TryOptional("decoder", out var reads) && reads.RawText == "anchors"))
            scoresValue.Fault("only a classification's scores may be logits", $"\"{scores}\"", "probabilities");
        var topK = value.TryOptional("topK", out var topValue) ? topValue.Integer(1, 100_000) : null;
        if (topK is not null && kind is not null and not "classification")
            topValue.Fault("only a classification has best classes", $"{topK}", "\"maxDetections\" for detections, or leave the key out");
        var labels = value.TryOptional("labels", out var labelsValue) ? Labels(labelsValue) : [];
        if (value.TryOptional("labelsFile", out var fileValue) && fileValue.Text("path of a text file") is not null && value.TryOptional("labels", out _))
            fileValue.Fault("labels stand here and in a file", null, "\"labels\" or \"labelsFile\", not both");
        OutputKeys.Check(value, kind);
        var output = new TaskOutput(KindOf(kind), tensor, labels, minScore) { Scores = ScoresOf(scores), TopK = (int?)topK };
        return output.IsMade ? MadeOutputReader.Read(value, output) : output with { Detections = Detections(value, kind) };
    }

    private static ImmutableArray<string> Labels(JsonValue value)
    {
        var labels = new List<string>();
        foreach (var item in value.Items("an array of class names, in the order of the model's classes"))
        {
            var label = item.Text();
            if (label is not null && labels.Contains(label))
                item.Fault("the label stands twice", $"\"{label}\"", "unique labels");
            labels.Add(label ?? "");
        }

        return [.. labels];
    }

    private static DetectionOutput Detections(JsonValue value, string? kind)
    {
        var decoder = value.TryOptional("decoder", out var decoderValue) ? decoderValue.Text("a decoder's name") : null;
        var boxes = value.TryOptional("boxes", out var boxesValue) ? boxesValue.OneOf("xyxy", "xywh", "cxcywh", "yxyx") : null;
        var normalised = value.TryOptional("normalised", out var normalisedValue) ? normalisedValue.Flag() : null;
        var nms = value.TryOptional("nms", out var nmsValue) ? nmsValue.Number(0, 1) : null;
        var nmsOver = value.TryOptional("nmsOver", out var overValue) ? overValue.OneOf("class", "all") : null;
        var most = value.TryOptional("maxDetections", out var mostValue) ? mostValue.Integer(1, 100_000) : null;
        var tensors = value.TryOptional("tensors", out var tensorsValue) ? Tensors(tensorsValue) : ImmutableSortedDictionary<string, string>.Empty;
        return DetectionOutput.Default with
        {
            Decoder = decoder, Tensors = tensors, Boxes = boxes is null ? null : FormOf(boxes), IsNormalised = normalised, Nms = nms,
            IsNmsOverAll = nmsOver == "all", MaxDetections = (int?)most, Regions = Regions(value, decoder, kind), Anchors = AnchorFormReader.Read(value, decoder, kind),
        };
    }

    private static TextRegionForm Regions(JsonValue value, string? decoder, string? kind)
    {
        foreach (var key in (string[])["threshold", "boxThreshold", "unclipRatio", "maxCandidates"])
        {
            if (kind == "detections" && decoder != "db" && value.TryOptional(key, out var stray))
                stray.Fault("only decoder db has such a key", null, "\"decoder\": \"db\" beside it, or leave the key out");
        }

        var said = TextRegionForm.Default;
        return new TextRegionForm
        {
            Threshold = value.TryOptional("threshold", out var threshold) ? threshold.Number(0, 1) ?? said.Threshold : said.Threshold,
            BoxThreshold = value.TryOptional("boxThreshold", out var box) ? box.Number(0, 1) ?? said.BoxThreshold : said.BoxThreshold,
            UnclipRatio = value.TryOptional("unclipRatio", out var ratio) ? ratio.Number(0, 10) ?? said.UnclipRatio : said.UnclipRatio,
            MaxCandidates = value.TryOptional("maxCandidates", out var most) ? (int?)most.Integer(1, 100_000) ?? said.MaxCandidates : said.MaxCandidates,
        };
    }

    internal static ImmutableSortedDictionary<string, string> Tensors(JsonValue value)
    {
        const string Allowed = "an object such as {\"boxes\": \"name of the model's output\"}";
        if (!value.IsObject)
            value.Fault("wrong type", null, Allowed);
        var names = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (role, item) in value.Properties())
        {
            if (item.Text("the name of one of the model's outputs") is { } name)
                names[role] = name;
        }

        return names.ToImmutable();
    }

    private static BoxForm FormOf(string boxes) => boxes switch
    {
        "xywh" => BoxForm.Xywh,
        "cxcywh" => BoxForm.Cxcywh,
        "yxyx" => BoxForm.Yxyx,
        _ => BoxForm.Xyxy,
    };

    private static ScoreForm ScoresOf(string? scores) => scores switch
    {
        "logits" => ScoreForm.Logits,
        "sigmoid" => ScoreForm.Sigmoid,
        _ => ScoreForm.Probabilities,
    };

    private static TaskOutputKind KindOf(string? kind) => kind switch
    {
        "detections" => TaskOutputKind.Detections,
        "classification" => TaskOutputKind.Classification,
        "embedding" => TaskOutputKind.Embedding,
        "text" => TaskOutputKind.Text,
        "answer" => TaskOutputKind.Answer,
        "segmentation" => TaskOutputKind.Segmentation,
        _ => TaskOutputKind.Tensor,
    };
}

using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Choice of the built-in decoder for a model whose pipeline file names none: by the shapes of the outputs only.</summary>
internal static class DecoderChoice
{
    /// <summary>Binds the decoder that the shapes imply; else returns a fault that names those that might fit.</summary>
    public static DecoderBinding Bind(OutputFit fit)
    {
        if (fit.Tensor.Shape is [_, 1, not 1, not 1] && fit.Outputs.Length == 1)
            return DecoderBinding.Refused($"output {fit.Tensor} is a map: say \"decoder\": \"{DetectionExtras.Db}\" where it says how likely pixels belong to a text, or \"kind\": \"segmentation\"");
        if (ExportedTask.Fault(fit) is { } other)
            return DecoderBinding.Refused(other);
        var told = ByTensor(fit);
        if (told.Count == 0 && fit.Expected.Tensor is null && fit.Outputs.Length > 1)
            told = [.. SeveralOutputs(fit).Where(d => d.Bind(fit).Fault is null)];
        return told switch
        {
            [var decoder] => decoder.Bind(fit),
            [] => DecoderBinding.Refused($"no decoder of detections reads {Described(fit)} by its shape; {Cures(fit)}"),
            _ => DecoderBinding.Refused($"{Described(fit)} may be read by several decoders: say which by \"decoder\": {string.Join(" or ", told.Select(d => $"\"{d.Name}\""))}"),
        };
    }

    /// <summary>Lists the decoders of several outputs that fit. An output called "logits" does not hold SSD's probabilities.</summary>
    private static IOutputDecoder[] SeveralOutputs(OutputFit fit) =>
        fit.Outputs.Any(o => o.Name.Contains("logit", StringComparison.OrdinalIgnoreCase)) ? [new DetrDecoder()] : [new SsdDecoder(), new DetrDecoder()];

    private static List<IOutputDecoder> ByTensor(OutputFit fit)
    {
        if (fit.Tensor.Shape is not [_, var first, var last])
            return [];
        if (last == SixValues.Width)
            return [IsEndToEnd(fit.Metadata) ? new YoloEndToEndDecoder() : new RowsDecoder()];
        var found = new List<IOutputDecoder>();
        // Without labels only the layout with classes ahead of places can be told: it is the one with few of many.
        if (fit.Labels > 0 ? first == YoloDecoder.Box + fit.Labels && IsMany(last, first) : first > YoloDecoder.Box && IsMany(last, first + 1))
            found.Add(new YoloDecoder());
        if (fit.Labels > 0 && last == YoloObjectnessDecoder.Box + fit.Labels && IsMany(first, last))
            found.Add(new YoloObjectnessDecoder());
        // Fewer labels than classes: nothing else has few values of many places.
        if (found.Count == 0 && fit.Labels > 0 && first > YoloDecoder.Box + fit.Labels && IsMany(last, first + 1))
            found.Add(new YoloDecoder());
        return found;
    }

    /// <summary>Tests whether the head needs no suppression. Ultralytics' exporter writes this to the metadata, with the arguments of the
    /// export.</summary>
    private static bool IsEndToEnd(IReadOnlyDictionary<string, string> metadata) =>
        metadata.GetValueOrDefault("end2end") == "True" || metadata.GetValueOrDefault("args")?.Contains("'nms': True", StringComparison.Ordinal) == true;

    private static bool IsMany(long places, long values) => places < 0 || places >= values;

    private static string Described(OutputFit fit) => fit.Expected.Tensor is null && fit.Outputs.Length > 1
        ? $"outputs {string.Join(", ", fit.Outputs)}" : $"output {fit.Tensor}";

    private static string Cures(OutputFit fit)
    {
        var labels = fit.Labels switch { 0 => "without labels", 1 => "with one label", _ => $"with {fit.Labels} labels" };
        var wanted = $"[N, K, 6] is told as rows, and {labels} [N, {(fit.Labels == 0 ? "4 + classes" : YoloDecoder.Box + fit.Labels)}, K] as yolo"
            + (fit.Labels == 0 ? "" : $" and [N, K, {YoloObjectnessDecoder.Box + fit.Labels}] as yolo-objectness");
        return Nearest(fit.Tensor) is { } nearest ? $"{wanted}; {nearest}" : $"{wanted}; a decoder of several outputs (ssd, detr) may be named by \"decoder\", its outputs by \"tensors\"";
    }

    /// <summary>Describes the shape for another number of labels.</summary>
    private static string? Nearest(ModelTensor tensor) => tensor.Shape switch
    {
        [_, > YoloDecoder.Box and var first, var last] when last > first || last < 0 =>
            $"as it is, it fits yolo with {first - YoloDecoder.Box} classes: list all {first - YoloDecoder.Box} labels, or leave \"labels\" out",
        [_, var first, > YoloObjectnessDecoder.Box and var last] when first > last || first < 0 =>
            $"as it is, it fits yolo-objectness with {last - YoloObjectnessDecoder.Box} classes: list all {last - YoloObjectnessDecoder.Box} labels, or say \"decoder\": \"yolo-objectness\" and leave \"labels\" out",
        _ => null,
    };
}

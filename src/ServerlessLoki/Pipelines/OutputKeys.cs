using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Keys of an <c>output</c>, by the kinds that they belong to.</summary>
internal static class OutputKeys
{
    /// <summary>All kinds, as the file names them.</summary>
    public static readonly string[] Kinds = ["tensor", "detections", "classification", "embedding", "text", "answer", "segmentation"];

    private static readonly (string Key, string[] Kinds)[] s_kinds =
    [
        ("boxes", ["detections"]), ("normalised", ["detections"]), ("nms", ["detections"]), ("nmsOver", ["detections"]), ("maxDetections", ["detections"]),
        ("threshold", ["detections"]), ("boxThreshold", ["detections"]), ("unclipRatio", ["detections"]), ("maxCandidates", ["detections"]), ("anchors", ["detections"]),
        ("decoder", ["detections", "embedding", "text", "answer"]), ("tensors", ["detections", "answer"]),
        ("pooling", ["embedding"]), ("normalise", ["embedding"]),
        ("dictionary", ["text"]), ("blank", ["text"]), ("space", ["text"]), ("tokenizer", ["text"]), ("skipped", ["text"]),
        ("maxAnswer", ["answer"]), ("emptyAbove", ["answer"]),
    ];

    /// <summary>Keys that belong to some kinds only.</summary>
    public static IEnumerable<string> Special => s_kinds.Select(static k => k.Key);

    /// <summary>Reports a fault for each key that does not belong to the kind.</summary>
    public static void Check(JsonValue value, string? kind)
    {
        foreach (var (key, kinds) in s_kinds)
        {
            if (kind is null || kinds.Contains(kind) || !value.TryOptional(key, out var stray))
                continue;
            var message = kinds is ["detections"] ? "only detections are read so" : $"an output of kind {kind} has no such key";
            stray.Fault(message, null, $"{string.Join(" or ", kinds.Select(static k => $"\"kind\": \"{k}\""))} beside it, or leave the key out");
        }
    }
}

using System.Text.Json.Nodes;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Tests.Pipelines;

/// <summary>The schema that editors use and the reader that decides must allow the same keys and ranges.</summary>
public sealed class PipelineSchemaTests
{
    private const string Full =
        """
        { "$schema": "s", "name": "p", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]}, "parameters": {"q": {"type": "text", "maxLength": 9, "min": 1, "max": 2, "default": "d"}},
          "tasks": [ {"name": "b", "output": {"kind": "tensor", "tensor": "t", "labels": ["l"], "labelsFile": "l.txt", "minScore": 0, "scores": "probabilities", "topK": 2,
                      "decoder": "d", "tensors": {}, "boxes": "xyxy", "normalised": true, "nms": 1, "nmsOver": "all", "maxDetections": 9, "threshold": 1, "boxThreshold": 1, "unclipRatio": 1, "maxCandidates": 9, "anchors": {"strides": [8], "perCell": [1]},
                      "pooling": "cls", "normalise": false, "dictionary": "d.txt", "blank": "last", "space": true, "tokenizer": "v.txt", "skipped": [], "maxAnswer": 1, "emptyAbove": 0},
                      "join": "all", "per": "a",
                      "input": {"kind": "image", "resize": "letterbox", "antialias": true, "fill": 0, "channels": "bgr", "scale": 1, "mean": [1], "std": [1, 2, 3], "crop": 1,
                                "tokenizer": "vocab.txt", "lowerCase": true, "maxLength": 9, "padTo": 1, "first": [], "between": [], "last": [], "pad": "p", "tensors": {}, "texts": ["input"], "constants": {"k": 1}, "rate": 8000, "features": "log-mel", "maxSeconds": 5, "window": 2, "hop": 1},
                      "variants": [{"name": "v", "model": "m", "accuracy": 1, "measured": "so", "memoryMiB": 9, "input": {"kind": "image"}}]},
                     {"name": "a", "output": {"kind": "tensor", "labels": ["l"]}, "variants": [{"name": "w", "model": "m", "accuracy": 1}]} ],
          "edges": [ {"from": "a", "to": "b", "labels": ["l"], "transforms": [{"name": "identity"}]} ] }
        """;

    public static TheoryData<string, string> Places() => new()
    {
        { "", "" }, { "input", "input" }, { "parameters/q", "parameter" }, { "tasks/0", "task" }, { "tasks/0/output", "output" }, { "tasks/0/input", "taskInput" },
        { "tasks/0/variants/0", "variant" }, { "edges/0", "edge" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Schema_KeysOfAnObject_SameAsTheReaders(string place, string definition)
    {
        var document = JsonNode.Parse(Full)!;
        At(document, place).AsObject()["zzz"] = 1;

        var fault = Assert.Single(Assert.Throws<PipelineFormatException>(() => PipelineReader.Read(document.ToJsonString(), "x")).Faults, f => f.Message == "unknown key");

        Assert.Equal(Keys(definition).Order(), fault.Allowed!.Split(", ").Order());
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void Schema_RequiredKeys_SameAsTheReaders(string place, string definition)
    {
        var keys = At(JsonNode.Parse(Full)!, place).AsObject().Select(p => p.Key).ToList();

        var required = keys.Where(key =>
        {
            var document = JsonNode.Parse(Full)!;
            At(document, place).AsObject().Remove(key);
            return Refused(document.ToJsonString(), key);
        });

        Assert.Equal(Definition(definition)["required"]!.AsArray().Select(k => k!.GetValue<string>()).Order(), required.Order());
    }

    [Fact]
    public void Schema_FullExample_UsesEveryKey() =>
        Assert.All(Places(), row => Assert.Equal(
            Keys(row.Data.Item2).Order(), At(JsonNode.Parse(Full)!, row.Data.Item1).AsObject().Select(p => p.Key).Order()));

    private static bool Refused(string json, string key)
    {
        try
        {
            PipelineReader.Read(json, "x");
            return false;
        }
        catch (PipelineFormatException e)
        {
            return e.Faults.Any(f => f.Message == "the key is missing" && f.Path.EndsWith("." + key, StringComparison.Ordinal));
        }
    }

    private static JsonNode At(JsonNode node, string place) => place.Length == 0 ? node : place.Split('/')
        .Aggregate(node, (n, step) => int.TryParse(step, out var i) ? n[i]! : n[step]!);

    private static IEnumerable<string> Keys(string definition) => Definition(definition)["properties"]!.AsObject().Select(p => p.Key);

    private static JsonNode Definition(string name)
    {
        var schema = JsonNode.Parse(PipelineReader.Schema)!;
        return name.Length == 0 ? schema : schema["$defs"]![name]!;
    }
}

using System.Collections.Concurrent;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>A pipeline whose branches meet: "look" finds things, cars go to "car", people to "man", and "fuse" sees all of one picture.</summary>
internal static class FusedPipeline
{
    private const string Fused = """
        { "name": "p", "sloMs": 1000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
          "tasks": [
            { "name": "look", "output": { "kind": "detections", "labels": ["car", "man"] }, "variants": [ { "name": "look-l", "model": "a", "accuracy": 0.9 } ] },
            { "name": "car", "output": { "kind": "classification", "labels": ["van", "bus"] }, "variants": [ { "name": "car-l", "model": "c", "accuracy": 0.8 } ] },
            { "name": "man", "output": { "kind": "classification", "labels": ["tall", "short"] }, "variants": [ { "name": "man-l", "model": "e", "accuracy": 0.6 } ] },
            { "name": "fuse", "join": "JOIN", "output": { "kind": "classification", "labels": ["calm", "busy"] }, "variants": [ { "name": "fuse-l", "model": "f", "accuracy": 0.5 } ] } ],
          "edges": [
            { "from": "look", "to": "car", "labels": ["car"], "transforms": [ { "name": "crop-resize" } ] },
            { "from": "look", "to": "man", "labels": ["man"], "transforms": [ { "name": "crop-resize" } ] },
            { "from": "car", "to": "fuse" PART },
            { "from": "man", "to": "fuse" PART } ] }
        """;

    public static string Of(string rule) => Fused.Replace("JOIN", rule, StringComparison.Ordinal)
        .Replace("PART", rule == "all" ? ", \"transforms\": [ { \"name\": \"concat\", \"rows\": 2, \"size\": 6 } ]" : "", StringComparison.Ordinal);

    /// <summary>Models that find so many of each; what "fuse" gets is noted.</summary>
    public static FakeModels Models(int cars, int men, ConcurrentBag<StageItem> fused) => new()
    {
        Rows = (id, _) => id.Task == 0
            ? [.. Enumerable.Repeat(new OutputRow(0, 0.9f, 0, 0, 1, 1), cars), .. Enumerable.Repeat(new OutputRow(1, 0.9f, 0, 0, 1, 1), men)]
            : [new OutputRow(0, 0.9f, 0, 0, 0, 0)],
        OnFill = item =>
        {
            if (item.Task == 3)
                fused.Add(item);
        },
    };
}

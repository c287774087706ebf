using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Likely kind of a model, with the pipeline file for it.</summary>
/// <param name="Kind">Kind in words, such as <c>object detector</c>.</param>
/// <param name="Task">Name of the task.</param>
/// <param name="Because">Evidence for the kind.</param>
/// <param name="Query">Pipeline's <c>input</c>: the query's tensor.</param>
internal sealed record Guess(string Kind, string Task, ImmutableArray<string> Because, JsonObject Query)
{
    /// <summary>Task's <c>input</c>; null where queries bring tensors.</summary>
    public JsonObject? Input { get; init; }

    /// <summary>Task's <c>output</c>; null for raw tensors.</summary>
    public JsonObject? Output { get; init; }

    /// <summary>Assumptions, where the files state nothing.</summary>
    public ImmutableArray<string> Assumed { get; init; } = [];

    /// <summary>Limits that remain where this guess is used.</summary>
    public ImmutableArray<Limit> Limits { get; init; } = [];

    /// <summary>Makes the input of queries that bring an image.</summary>
    public static JsonObject Picture => new() { ["name"] = "image", ["datatype"] = "UINT8", ["shape"] = new JsonArray(-1, -1, 3) };

    /// <summary>Makes the input of queries that bring texts, or files.</summary>
    public static JsonObject Bytes(string name, int count) => new() { ["name"] = name, ["datatype"] = "BYTES", ["shape"] = new JsonArray(count) };
}

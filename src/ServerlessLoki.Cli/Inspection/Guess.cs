using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>What a model looks like, and how a pipeline file would say it.</summary>
/// <param name="Kind">For people, such as <c>object detector</c>.</param>
/// <param name="Task">Name of the task.</param>
/// <param name="Because">What speaks for it.</param>
/// <param name="Query">The pipeline's <c>input</c>: what a query brings.</param>
internal sealed record Guess(string Kind, string Task, ImmutableArray<string> Because, JsonObject Query)
{
    /// <summary>The task's <c>input</c>; null where queries bring tensors.</summary>
    public JsonObject? Input { get; init; }

    /// <summary>The task's <c>output</c>; null for raw tensors.</summary>
    public JsonObject? Output { get; init; }

    /// <summary>What is taken to be so, because nothing says it.</summary>
    public ImmutableArray<string> Assumed { get; init; } = [];

    /// <summary>What remains undone where this guess is taken.</summary>
    public ImmutableArray<Limit> Limits { get; init; } = [];

    /// <summary>A query that brings a picture.</summary>
    public static JsonObject Picture => new() { ["name"] = "image", ["datatype"] = "UINT8", ["shape"] = new JsonArray(-1, -1, 3) };

    /// <summary>A query that brings texts, or files.</summary>
    public static JsonObject Bytes(string name, int count) => new() { ["name"] = name, ["datatype"] = "BYTES", ["shape"] = new JsonArray(count) };
}

using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>Task as read from the file, before the graph is ordered. With open labels the class names are unknown, and edges may name
/// any.</summary>
internal sealed record TaskDraft(JsonValue Place, string Name, TaskOutput Output, bool HasOpenLabels, ImmutableArray<Variant> Variants, JoinDraft? Join);

/// <summary>Join setting of a task: its place in the file and the task per whose items it joins; null = the nearest task that all its
/// branches come from.</summary>
internal sealed record JoinDraft(JsonValue Place, string? Per);

/// <summary>Edge between task drafts, by positions in the file.</summary>
internal sealed record EdgeDraft(
    JsonValue Place, int From, int To, ImmutableArray<int> Labels, ImmutableArray<TransformConfig> Transforms);

using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>A task as it stands in the file, before the graph is ordered. Open labels are not known here: edges may name any.</summary>
internal sealed record TaskDraft(JsonValue Place, string Name, TaskOutput Output, bool HasOpenLabels, ImmutableArray<Variant> Variants, JoinDraft? Join);

/// <summary>A task that joins: where that is said, and per which task; null = the nearest that all its branches come from.</summary>
internal sealed record JoinDraft(JsonValue Place, string? Per);

/// <summary>An edge between drafts, by position in the file.</summary>
internal sealed record EdgeDraft(
    JsonValue Place, int From, int To, ImmutableArray<int> Labels, ImmutableArray<TransformConfig> Transforms);

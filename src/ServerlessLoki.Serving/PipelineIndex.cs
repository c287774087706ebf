using System.Collections.Immutable;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving;

/// <summary>Mapping from names in requests and messages to indices in this process, and back.</summary>
internal sealed class PipelineIndex(ImmutableArray<Pipeline> pipelines)
{
    private readonly Dictionary<(string, string, string), VariantId> _variants = pipelines
        .SelectMany((p, i) => p.Tasks.SelectMany(t => t.Variants.Select(v => (Key: (p.Name, t.Name, v.Name), Id: new VariantId(i, t.Index, v.Index)))))
        .ToDictionary(v => v.Key, v => v.Id);

    private readonly Dictionary<string, VariantId> _named = pipelines
        .SelectMany((p, i) => p.Tasks.SelectMany(t => t.Variants.Select(v => (v.Name, Id: new VariantId(i, t.Index, v.Index)))))
        .DistinctBy(v => v.Name, StringComparer.Ordinal)
        .ToDictionary(v => v.Name, v => v.Id, StringComparer.Ordinal);

    public ImmutableArray<Pipeline> Pipelines { get; } = pipelines;

    /// <summary>Finds a variant by its name, which is unique over all pipelines; null if there is none.</summary>
    public VariantId? Named(string variant) => _named.TryGetValue(variant, out var id) ? id : null;

    public string NameOf(VariantId id) => Pipelines[id.Pipeline].Tasks[id.Task].Variants[id.Variant].Name;

    /// <exception cref="FormatException">There is no such variant.</exception>
    public VariantId Find(string pipeline, string task, string variant) => _variants.TryGetValue((pipeline, task, variant), out var id)
        ? id
        : throw new FormatException($"Variant {pipeline}/{task}/{variant} is not known here: sender and receiver must have the same pipeline files.");

    /// <exception cref="FormatException">There is no such task.</exception>
    public int Task(int pipeline, string task) => Pipelines[pipeline].FindTask(task)?.Index
        ?? throw new FormatException($"Task {Pipelines[pipeline].Name}/{task} is not known here: sender and receiver must have the same pipeline files.");

    public VariantId? TryFind(string pipeline, string task, string variant) =>
        _variants.TryGetValue((pipeline, task, variant), out var id) ? id : null;
}

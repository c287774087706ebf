using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Remote;

/// <summary>Names on the wire → indices in this process.</summary>
internal sealed class PipelineIndex(ImmutableArray<Pipeline> pipelines)
{
    private readonly Dictionary<(string, string, string), VariantId> _variants = pipelines
        .SelectMany((p, i) => p.Tasks.SelectMany(t => t.Variants.Select(v => (Key: (p.Name, t.Name, v.Name), Id: new VariantId(i, t.Index, v.Index)))))
        .ToDictionary(v => v.Key, v => v.Id);

    public ImmutableArray<Pipeline> Pipelines { get; } = pipelines;

    /// <summary>Variant names are unique over all pipelines; null if there is none of this name.</summary>
    public VariantId? Named(string variant)
    {
        foreach (var (key, id) in _variants)
        {
            if (key.Item3 == variant)
                return id;
        }

        return null;
    }

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

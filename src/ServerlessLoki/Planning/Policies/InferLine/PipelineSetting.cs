using System.Collections.Immutable;

namespace ServerlessLoki.Planning.Policies.InferLine;

/// <summary>Settings of all stages of a pipeline, compared by value so that estimates can be cached by setting.</summary>
internal sealed class PipelineSetting(ImmutableArray<StageSetting> stages) : IEquatable<PipelineSetting>
{
    public ImmutableArray<StageSetting> Stages { get; } = stages;

    public StageSetting this[int stage] => Stages[stage];

    public PipelineSetting With(int stage, StageSetting setting) => new(Stages.SetItem(stage, setting));

    public bool Equals(PipelineSetting? other) => other is not null && Stages.AsSpan().SequenceEqual(other.Stages.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as PipelineSetting);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var stage in Stages)
            hash.Add(stage);
        return hash.ToHashCode();
    }
}

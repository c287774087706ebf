using System.Collections.Immutable;
using ServerlessLoki.Batching.Residency;

namespace ServerlessLoki.Planning;

/// <summary>Variants of one task that a slot holds at once and switches between in no time: each batch runs one of them.</summary>
/// <param name="Variants">Variant indices in the task, ascending.</param>
/// <param name="Rule">Decides which one runs.</param>
/// <param name="Buckets">Buckets of <see cref="ResidentRule.SlackFit"/>.</param>
/// <param name="MaxBatch">Largest batch, rows.</param>
/// <param name="ObjectiveUs">The task's part of the objective, microseconds.</param>
/// <param name="Accuracy">Mean accuracy that is expected of the task, 0..1.</param>
internal sealed record ResidentSet(ImmutableArray<int> Variants, ResidentRule Rule, int Buckets, int MaxBatch, double ObjectiveUs, double Accuracy)
{
    /// <summary>Factor by which batches may take longer than profiled and still end in time; at least 1.</summary>
    public double Margin { get; init; } = 1;

    /// <summary>Makes the choice of slots of one kind, by what their variants are expected to take now.</summary>
    /// <param name="variants">The variants of <see cref="Variants"/>, in their order.</param>
    public ResidentChoice Choice(IReadOnlyList<ResidentVariant> variants) =>
        new(Rule, ResidentPairs.Of([.. variants.Select(v => v with { Latency = v.Latency.Scale(Margin) })], MaxBatch, ObjectiveUs), Buckets);

    /// <inheritdoc/>
    public bool Equals(ResidentSet? other) => other is not null && Variants.SequenceEqual(other.Variants) && (Rule, Buckets, MaxBatch, ObjectiveUs, Accuracy, Margin)
        .Equals((other.Rule, other.Buckets, other.MaxBatch, other.ObjectiveUs, other.Accuracy, other.Margin));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Variants.Length, Rule, Buckets, MaxBatch, ObjectiveUs, Accuracy);
}

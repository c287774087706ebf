using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>What a worker tells the waiting ingress, or the orchestrator, about one item.</summary>
/// <remarks>It may come twice and in any order: each (<see cref="StageWork.Task"/>, <see cref="StageWork.Credit"/>) counts once.</remarks>
public sealed record StageReply : StageWork
{
    /// <summary>A reply about no work yet.</summary>
    public StageReply()
    {
    }

    /// <summary>A reply about the work of a message, which has no answer yet.</summary>
    [SetsRequiredMembers]
    internal StageReply(StageWork work)
        : base(work) => Worker = "";

    /// <summary>Children sent; with none, the credit returns and the item is a leaf. Always 0 where the worker only returns outputs.</summary>
    public int Children { get; init; }

    /// <summary>Detections, or one row with the best class; empty for raw tensors and failures.</summary>
    public ImmutableArray<OutputRow> Rows { get; init; } = [];

    /// <summary>What the model gave for tasks that hand tensors on, packed; null otherwise.</summary>
    public StagePayload? Tensor { get; init; }

    /// <summary>Why there is no answer; null when there is one.</summary>
    public StageFailure? Failure { get; init; }

    /// <summary>Who answered, for people.</summary>
    public required string Worker { get; init; }

    /// <summary>Compares what is said, not the arrays that say it.</summary>
    public bool Equals(StageReply? other) =>
        base.Equals(other) && Children == other.Children && Rows.AsSpan().SequenceEqual(other.Rows.AsSpan())
        && Equals(Tensor, other.Tensor) && Failure == other.Failure && Worker == other.Worker;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(QueryId, Task, Credit);
}

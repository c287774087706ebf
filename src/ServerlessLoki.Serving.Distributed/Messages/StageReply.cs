using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Reply of a worker to the waiting ingress, or the orchestrator, about one item.</summary>
/// <remarks>The reply may come twice and in any order: each (<see cref="StageWork.Task"/>, <see cref="StageWork.Credit"/>) counts
/// once.</remarks>
public sealed record StageReply : StageWork
{
    /// <summary>Makes a reply without work.</summary>
    public StageReply()
    {
    }

    /// <summary>Makes a reply to the work of a message, without an answer yet.</summary>
    [SetsRequiredMembers]
    internal StageReply(StageWork work)
        : base(work) => Worker = "";

    /// <summary>Number of children sent; with 0, the credit returns and the item is a leaf. Always 0 where the worker only returns
    /// outputs.</summary>
    public int Children { get; init; }

    /// <summary>Detections, or one row with the best class; empty for raw tensors and failures.</summary>
    public ImmutableArray<OutputRow> Rows { get; init; } = [];

    /// <summary>Packed output of the model for tasks that hand tensors on; null otherwise.</summary>
    public StagePayload? Tensor { get; init; }

    /// <summary>Failure of the stage; null when there is an answer.</summary>
    public StageFailure? Failure { get; init; }

    /// <summary>Name of the worker that answered, for operators.</summary>
    public required string Worker { get; init; }

    /// <summary>Compares replies by their content.</summary>
    public bool Equals(StageReply? other) =>
        base.Equals(other) && Children == other.Children && Rows.AsSpan().SequenceEqual(other.Rows.AsSpan())
        && Equals(Tensor, other.Tensor) && Failure == other.Failure && Worker == other.Worker;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(QueryId, Task, Credit);
}

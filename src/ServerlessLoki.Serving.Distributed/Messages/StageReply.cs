using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>What a worker tells the waiting ingress, or the orchestrator, about one item.</summary>
/// <remarks>It may come twice and in any order: whoever takes it counts each (<see cref="Task"/>, <see cref="Credit"/>) once.</remarks>
public sealed record StageReply
{
    /// <summary>The query, or the instance of a durable run.</summary>
    public required string QueryId { get; init; }

    /// <summary>Pipeline name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Task name.</summary>
    public required string Task { get; init; }

    /// <summary>Variant that answered.</summary>
    public required string Variant { get; init; }

    /// <summary>Task name of the parent; null for the root.</summary>
    public string? ParentTask { get; init; }

    /// <summary>Start of the parent's credit.</summary>
    public UInt128 ParentStart { get; init; }

    /// <summary><see cref="AnswerStamp"/> of the parent's answer that the item was cut from; 0 for the root.</summary>
    public ulong ParentStamp { get; init; }

    /// <summary>Row of the parent's output that it is about; −1 for the root and for whole tensors.</summary>
    public int ParentRow { get; init; } = -1;

    /// <summary><see cref="StageMessage.ItemKey"/> of the message that it is about.</summary>
    public ulong ItemKey { get; init; }

    /// <summary>The item's share of the query's weight.</summary>
    public Credit Credit { get; init; } = Credit.Whole;

    /// <summary>Children sent; with none, the credit returns and the item is a leaf. Always 0 where the worker only returns outputs.</summary>
    public int Children { get; init; }

    /// <summary><see cref="StageMessage.Round"/> of the message that it is about.</summary>
    public int Round { get; init; }

    /// <summary>Product of accuracies on the path, 0..1.</summary>
    public double Accuracy { get; init; } = 1;

    /// <summary>Sum of queue times on the path, microseconds.</summary>
    public long QueuedUs { get; init; }

    /// <summary>Sum of batch times on the path, microseconds.</summary>
    public long ComputedUs { get; init; }

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
        other is not null && (QueryId, Pipeline, Task, Variant, ParentTask, Worker) == (other.QueryId, other.Pipeline, other.Task, other.Variant, other.ParentTask, other.Worker)
        && (ParentStart, ParentStamp, ParentRow, ItemKey, Credit, Children, Round)
            == (other.ParentStart, other.ParentStamp, other.ParentRow, other.ItemKey, other.Credit, other.Children, other.Round)
        && Accuracy.Equals(other.Accuracy) && (QueuedUs, ComputedUs) == (other.QueuedUs, other.ComputedUs)
        && Rows.AsSpan().SequenceEqual(other.Rows.AsSpan()) && Equals(Tensor, other.Tensor) && Failure == other.Failure;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(QueryId, Task, Credit);
}

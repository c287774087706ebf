using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Identity of one item of one query, in the message that asks for it and in the reply.</summary>
/// <remarks>(<see cref="QueryId"/>, <see cref="Task"/>, <see cref="Credit"/>) identifies the work, <see cref="ParentStamp"/> the parent's
/// answer that it was cut from.</remarks>
public record StageWork
{
    /// <summary>Id of the query, or of the instance of a durable run.</summary>
    public required string QueryId { get; init; }

    /// <summary>Pipeline name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Task name.</summary>
    public required string Task { get; init; }

    /// <summary>Variant name.</summary>
    public required string Variant { get; init; }

    /// <summary>Task name of the parent; null for the root.</summary>
    public string? ParentTask { get; init; }

    /// <summary>Start of the parent's credit, which identifies the parent together with its task.</summary>
    public UInt128 ParentStart { get; init; }

    /// <summary><see cref="AnswerStamp"/> of the parent's answer; 0 for the root.</summary>
    public ulong ParentStamp { get; init; }

    /// <summary>Row of the parent's output that the item is about; −1 for the root and for whole tensors.</summary>
    public int ParentRow { get; init; } = -1;

    /// <summary>Key of the item in its query, see <see cref="Simulation.Traffic.ItemKeys"/>: random choices for its children derive from
    /// it, on every worker alike.</summary>
    public ulong ItemKey { get; init; }

    /// <summary>Share of the query's weight that the item carries.</summary>
    public Credit Credit { get; init; } = Credit.Whole;

    /// <summary>Number of times that a run had given up on this work before it was sent: each round is new to the queue, and replies to
    /// earlier rounds are late.</summary>
    public int Round { get; init; }

    /// <summary>Product of accuracies on the path, this variant included, 0..1.</summary>
    public double Accuracy { get; init; } = 1;

    /// <summary>Sum of queue times on the item's path before it was sent, microseconds.</summary>
    public long QueuedUs { get; init; }

    /// <summary>Sum of batch times on the item's path, microseconds.</summary>
    public long ComputedUs { get; init; }
}

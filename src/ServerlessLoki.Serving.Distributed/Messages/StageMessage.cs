using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>A <see cref="StageItem"/> on its way between processes, with what its query's scope knows.</summary>
/// <remarks>It may come twice: queues redeliver. (<see cref="QueryId"/>, <see cref="Task"/>, <see cref="Credit"/>) says which work it
/// is, <see cref="ParentStamp"/> of which answer it was cut.</remarks>
public sealed record StageMessage
{
    /// <summary>The query, or the instance of a durable run.</summary>
    public required string QueryId { get; init; }

    /// <summary>Name of the inbox that waits for the replies.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>Pipeline name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Task name.</summary>
    public required string Task { get; init; }

    /// <summary>Variant name.</summary>
    public required string Variant { get; init; }

    /// <summary>Index of the edge that it came along; −1 for the root.</summary>
    public int Edge { get; init; } = -1;

    /// <summary>Task name of the parent; null for the root.</summary>
    public string? ParentTask { get; init; }

    /// <summary>Start of the parent's credit, which with its task names the parent.</summary>
    public UInt128 ParentStart { get; init; }

    /// <summary><see cref="AnswerStamp"/> of the parent's answer; 0 for the root.</summary>
    public ulong ParentStamp { get; init; }

    /// <summary>Row of the parent's output that it is about; −1 for the root and for whole tensors.</summary>
    public int ParentRow { get; init; } = -1;

    /// <summary>The parent's detection, for crops.</summary>
    public OutputRow Region { get; init; }

    /// <summary>Names the item in its query, see <see cref="Simulation.Traffic.ItemKeys"/>: random choices for its children derive from it, on every worker alike.</summary>
    public ulong ItemKey { get; init; }

    /// <summary>The share of the query's weight that it carries.</summary>
    public Credit Credit { get; init; } = Credit.Whole;

    /// <summary>Product of accuracies on the path, this variant included, 0..1.</summary>
    public double Accuracy { get; init; } = 1;

    /// <summary>Sum of queue times on its path before it was sent, microseconds.</summary>
    public long QueuedUs { get; init; }

    /// <summary>Sum of batch times on its path, microseconds.</summary>
    public long ComputedUs { get; init; }

    /// <summary>How often it was handed out and given back before it was sent.</summary>
    public int Attempts { get; init; }

    /// <summary>How often a run had given up on this work before it was sent: each time is new to the queue, and what is still said about
    /// the times before is late.</summary>
    public int Round { get; init; }

    /// <summary>When the query arrived at its ingress.</summary>
    public required DateTimeOffset Arrival { get; init; }

    /// <summary>When it was put into its queue.</summary>
    public required DateTimeOffset Enqueued { get; init; }

    /// <summary>When the answer is due; null = never.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Least acceptable product of accuracies on a path, 0..1; 0 = none.</summary>
    public double MinAccuracy { get; init; }

    /// <summary>Version of the plan that chose the variant.</summary>
    public long PlanVersion { get; init; }

    /// <summary>True for durable runs: the worker replies with its outputs and sends no children, the orchestrator does.</summary>
    public bool ReturnOnly { get; init; }

    /// <summary>What the query brought; null where no stage below needs it.</summary>
    public StagePayload? Input { get; init; }

    /// <summary>The parent's raw output row, for tasks that hand tensors on; null otherwise.</summary>
    public StagePayload? Tensor { get; init; }

    /// <summary>The queue that it belongs to.</summary>
    public StageKey Key => new(Pipeline, Task, Variant);

    /// <summary>The same work always has the same id, whoever sends it how often: for queues that drop duplicates.</summary>
    /// <remarks>At most 128 characters, of a digest where names are long.</remarks>
    public string MessageId => MessageIds.Of(this);
}

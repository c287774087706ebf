using System.Diagnostics.CodeAnalysis;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>A <see cref="StageItem"/> on its way between processes, with what its query's scope knows.</summary>
/// <remarks>It may come twice: queues redeliver.</remarks>
public sealed record StageMessage : StageWork
{
    /// <summary>A message about no work yet.</summary>
    public StageMessage()
    {
    }

    [SetsRequiredMembers]
    internal StageMessage(StageWork work)
        : base(work) => ReplyTo = "";

    /// <summary>Name of the inbox that waits for the replies.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>Index of the edge that it came along; −1 for the root.</summary>
    public int Edge { get; init; } = -1;

    /// <summary>The parent's detection, for crops.</summary>
    public OutputRow Region { get; init; }

    /// <summary>How often it was handed out and given back before it was sent.</summary>
    public int Attempts { get; init; }

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

    /// <summary>Values of the pipeline's parameters that the query brought, packed; null where it brought none.</summary>
    public StagePayload? Arguments { get; init; }

    /// <summary>The queue that it belongs to.</summary>
    public StageKey Key => new(Pipeline, Task, Variant);

    /// <summary>Id for queues that drop duplicates: the same for the same work, however often and by which process it is sent.</summary>
    /// <remarks>At most 128 characters, of a digest where names are long.</remarks>
    public string MessageId => MessageIds.Of(this);
}

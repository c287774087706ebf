using System.Diagnostics.CodeAnalysis;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Message of a <see cref="StageItem"/> between processes, with the data of its query.</summary>
/// <remarks>The message may come twice: queues redeliver.</remarks>
public sealed record StageMessage : StageWork
{
    /// <summary>Makes a message without work.</summary>
    public StageMessage()
    {
    }

    [SetsRequiredMembers]
    internal StageMessage(StageWork work)
        : base(work) => ReplyTo = "";

    /// <summary>Name of the inbox that waits for the replies.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>Index of the edge of the item; −1 for the root.</summary>
    public int Edge { get; init; } = -1;

    /// <summary>The parent's detection, for crops.</summary>
    public OutputRow Region { get; init; }

    /// <summary>Number of times that the item was handed out and returned before it was sent.</summary>
    public int Attempts { get; init; }

    /// <summary>Time when the query arrived at its ingress.</summary>
    public required DateTimeOffset Arrival { get; init; }

    /// <summary>Time when the message was put into its queue.</summary>
    public required DateTimeOffset Enqueued { get; init; }

    /// <summary>Deadline of the query; null = none.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Least acceptable product of accuracies on a path, 0..1; 0 = none.</summary>
    public double MinAccuracy { get; init; }

    /// <summary>True where the probabilities of all classes are wanted.</summary>
    public bool WantsProbabilities { get; init; }

    /// <summary>Version of the plan that chose the variant.</summary>
    public long PlanVersion { get; init; }

    /// <summary>True for durable runs: the worker replies with its outputs and sends no children; the orchestrator sends them.</summary>
    public bool ReturnOnly { get; init; }

    /// <summary>Input of the query; null where no stage below needs it.</summary>
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

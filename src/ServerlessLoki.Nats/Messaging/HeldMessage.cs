using NATS.Client.JetStream;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Message that this process has received and not settled. Guarded by its receiver.</summary>
internal sealed class HeldMessage(QueueKind kind, INatsJSMsg<byte[]> message, DateTimeOffset prolongedAt)
{
    public QueueKind Kind { get; } = kind;

    public INatsJSMsg<byte[]> Message { get; } = message;

    /// <summary>Time of the delivery, or when the server was last told that the work goes on.</summary>
    public DateTimeOffset ProlongedAt { get; set; } = prolongedAt;

    /// <summary>Item of the message; null until its payload is fetched.</summary>
    public StageItem? Item { get; set; }

    /// <summary>True once the message was taken into a batch.</summary>
    public bool IsTaken { get; set; }
}

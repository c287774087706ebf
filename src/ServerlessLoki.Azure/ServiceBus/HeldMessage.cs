using global::Azure.Messaging.ServiceBus;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Message that this process has locked. Guarded by its receiver.</summary>
internal sealed class HeldMessage(ServiceBusReceivedMessage message, DateTimeOffset lockedAt)
{
    public ServiceBusReceivedMessage Message { get; } = message;

    /// <summary>Time of the lock or its last renewal, on this process' clock; the service's clock may differ.</summary>
    public DateTimeOffset LockedAt { get; set; } = lockedAt;

    /// <summary>Item of the message; null until its payload is fetched.</summary>
    public StageItem? Item { get; set; }

    /// <summary>True once the message was taken into a batch.</summary>
    public bool IsTaken { get; set; }

    /// <summary>True when the lock expired while the batch ran: the message comes again, here or elsewhere.</summary>
    public bool IsLost { get; set; }
}

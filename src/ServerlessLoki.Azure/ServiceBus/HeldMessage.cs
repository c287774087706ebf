using global::Azure.Messaging.ServiceBus;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>A message whose lock is ours. Guarded by its receiver.</summary>
internal sealed class HeldMessage(ServiceBusReceivedMessage message, DateTimeOffset lockedAt)
{
    public ServiceBusReceivedMessage Message { get; } = message;

    /// <summary>When it was locked or last renewed, on our own clock: the service's may differ.</summary>
    public DateTimeOffset LockedAt { get; set; } = lockedAt;

    /// <summary>What it says; null until its payload is here.</summary>
    public StageItem? Item { get; set; }

    /// <summary>True from being taken into a batch.</summary>
    public bool IsTaken { get; set; }

    /// <summary>True when its lock expired while its batch ran: it comes again, here or elsewhere.</summary>
    public bool IsLost { get; set; }
}

namespace Azure.Messaging.ServiceBus.Broker;

internal enum EntryState
{
    Scheduled,
    Ready,
    Locked,
    Gone,
}

/// <summary>One message in one queue. Guarded by the queue.</summary>
internal sealed class BrokerEntry(BrokerMessage message)
{
    public BrokerMessage Message { get; } = message;

    public EntryState State { get; set; }
}

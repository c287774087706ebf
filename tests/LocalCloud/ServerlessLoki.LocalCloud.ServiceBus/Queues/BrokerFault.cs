namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

internal enum BrokerFaultKind
{
    NotFound,
    AlreadyExists,
    LockLost,
    MessageNotFound,
    TooLarge,
    NotSupported,
}

/// <summary>Reason why a request was refused.</summary>
internal sealed record BrokerFault(BrokerFaultKind Kind, string Text)
{
    public static BrokerFault NotFound(string entity) => new(BrokerFaultKind.NotFound, $"The messaging entity '{entity}' could not be found.");

    public static BrokerFault LockLost(Guid token) => new(
        BrokerFaultKind.LockLost,
        $"The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue. Lock token: {token}.");

    public static BrokerFault TooLarge(long bytes) => new(
        BrokerFaultKind.TooLarge, $"What is sent in one call has {bytes} bytes; at most {BrokerMessage.MaxSizeInBytes} are allowed.");
}

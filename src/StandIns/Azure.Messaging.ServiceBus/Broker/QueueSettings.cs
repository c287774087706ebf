namespace Azure.Messaging.ServiceBus.Broker;

internal sealed record QueueSettings
{
    public string Name { get; init; } = "";

    public TimeSpan LockDuration { get; init; }

    public int MaxDeliveryCount { get; init; }

    public TimeSpan DefaultMessageTimeToLive { get; init; }

    public TimeSpan AutoDeleteOnIdle { get; init; }

    public bool DeadLetteringOnMessageExpiration { get; init; }

    public bool RequiresDuplicateDetection { get; init; }

    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; init; }

    public string UserMetadata { get; init; }
}

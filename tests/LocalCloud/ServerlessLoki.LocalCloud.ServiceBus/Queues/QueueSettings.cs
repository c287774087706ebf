namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Settings of a queue; defaults are the service's.</summary>
internal sealed record QueueSettings
{
    public string Name { get; init; } = "";

    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(1);

    public int MaxDeliveryCount { get; init; } = 10;

    public TimeSpan DefaultMessageTimeToLive { get; init; } = TimeSpan.MaxValue;

    public TimeSpan AutoDeleteOnIdle { get; init; } = TimeSpan.MaxValue;

    public bool DeadLetteringOnMessageExpiration { get; init; }

    public bool RequiresDuplicateDetection { get; init; }

    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; init; } = TimeSpan.FromMinutes(1);

    public string? UserMetadata { get; init; }
}

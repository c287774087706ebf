using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus.Administration;

public class CreateQueueOptions
{
    public CreateQueueOptions(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 260)
            throw new ArgumentException($"A queue name has at most 260 characters; this has {name.Length}.", nameof(name));
        Name = name;
    }

    public TimeSpan AutoDeleteOnIdle { get; set; } = TimeSpan.MaxValue;

    public bool DeadLetteringOnMessageExpiration { get; set; }

    public TimeSpan DefaultMessageTimeToLive { get; set; } = TimeSpan.MaxValue;

    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan LockDuration { get; set; } = TimeSpan.FromSeconds(60);

    public int MaxDeliveryCount { get; set; } = 10;

    public string Name { get; set; }

    public bool RequiresDuplicateDetection { get; set; }

    public string UserMetadata { get; set; }

    internal QueueSettings Settings => new()
    {
        Name = Name,
        LockDuration = LockDuration,
        MaxDeliveryCount = MaxDeliveryCount,
        DefaultMessageTimeToLive = DefaultMessageTimeToLive,
        AutoDeleteOnIdle = AutoDeleteOnIdle,
        DeadLetteringOnMessageExpiration = DeadLetteringOnMessageExpiration,
        RequiresDuplicateDetection = RequiresDuplicateDetection,
        DuplicateDetectionHistoryTimeWindow = DuplicateDetectionHistoryTimeWindow,
        UserMetadata = UserMetadata,
    };
}

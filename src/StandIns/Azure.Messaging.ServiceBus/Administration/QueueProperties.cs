using Azure.Messaging.ServiceBus.Broker;

namespace Azure.Messaging.ServiceBus.Administration;

public class QueueProperties
{
    internal QueueProperties(QueueSettings settings)
    {
        Name = settings.Name;
        LockDuration = settings.LockDuration;
        MaxDeliveryCount = settings.MaxDeliveryCount;
        DefaultMessageTimeToLive = settings.DefaultMessageTimeToLive;
        AutoDeleteOnIdle = settings.AutoDeleteOnIdle;
        DeadLetteringOnMessageExpiration = settings.DeadLetteringOnMessageExpiration;
        RequiresDuplicateDetection = settings.RequiresDuplicateDetection;
        DuplicateDetectionHistoryTimeWindow = settings.DuplicateDetectionHistoryTimeWindow;
        UserMetadata = settings.UserMetadata;
    }

    public TimeSpan AutoDeleteOnIdle { get; set; }

    public bool DeadLetteringOnMessageExpiration { get; set; }

    public TimeSpan DefaultMessageTimeToLive { get; set; }

    public TimeSpan DuplicateDetectionHistoryTimeWindow { get; set; }

    public TimeSpan LockDuration { get; set; }

    public int MaxDeliveryCount { get; set; }

    public string Name { get; }

    public bool RequiresDuplicateDetection { get; }

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

namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

internal enum MessageState
{
    Scheduled,
    Ready,
    Locked,
    Gone,
}

/// <summary>One message in one queue. Guarded by the queue; what is handed out is a copy.</summary>
internal sealed class BrokerMessage
{
    /// <summary>The Standard tier's and the emulator's limit; for one message and for one send.</summary>
    public const int MaxSizeInBytes = 256 * 1024;

    public const string ReasonKey = "DeadLetterReason";
    public const string DescriptionKey = "DeadLetterErrorDescription";

    /// <summary>The encoded message as its sender wrote it. Never changed.</summary>
    public required byte[] Wire { get; init; }

    /// <summary>For duplicate detection; null = none was given.</summary>
    public string? MessageId { get; init; }

    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary><see cref="TimeSpan.MaxValue"/> = as long as the queue allows.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    public MessageState State { get; set; }

    public long SequenceNumber { get; set; }

    public DateTimeOffset SentAt { get; set; }

    public DateTimeOffset EnqueuedTime { get; set; }

    public DateTimeOffset ExpiresAt { get; set; } = DateTimeOffset.MaxValue;

    public int DeliveryCount { get; set; }

    public Guid LockToken { get; set; }

    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>Application properties that were changed since it was sent; a null value removes one. Replaced as a whole.</summary>
    public IReadOnlyDictionary<string, object?> Changes { get; private set; } = new Dictionary<string, object?>(StringComparer.Ordinal);

    public BrokerMessage Copy() => (BrokerMessage)MemberwiseClone();

    /// <summary>Makes it a dead letter: visible at once, and for good. It keeps its count of deliveries.</summary>
    public void ToDeadLetter() => (State, LockToken, ExpiresAt) = (MessageState.Ready, Guid.Empty, DateTimeOffset.MaxValue);

    public void Modify(IReadOnlyDictionary<string, object?>? properties)
    {
        if (properties is not { Count: > 0 })
            return;
        var merged = new Dictionary<string, object?>(Changes, StringComparer.Ordinal);
        foreach (var (name, value) in properties)
            merged[name] = value;
        Changes = merged;
    }
}

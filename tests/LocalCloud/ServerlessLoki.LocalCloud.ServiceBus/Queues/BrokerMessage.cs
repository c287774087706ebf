namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

internal enum MessageState
{
    Scheduled,
    Ready,
    Locked,
    Gone,
}

/// <summary>Message in a queue. Guarded by the queue; callers get copies.</summary>
internal sealed class BrokerMessage
{
    /// <summary>Largest message and largest send, bytes: the limit of the Standard tier and of the emulator.</summary>
    public const int MaxSizeInBytes = 256 * 1024;

    public const string ReasonKey = "DeadLetterReason";
    public const string DescriptionKey = "DeadLetterErrorDescription";

    /// <summary>Encoded message as its sender wrote it. Never changed.</summary>
    public required byte[] Wire { get; init; }

    /// <summary>Id for duplicate detection; null = none was given.</summary>
    public string? MessageId { get; init; }

    public DateTimeOffset? ScheduledTime { get; init; }

    /// <summary>Time to live; <see cref="TimeSpan.MaxValue"/> = as long as the queue allows.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.MaxValue;

    public MessageState State { get; set; }

    public long SequenceNumber { get; set; }

    public DateTimeOffset SentAt { get; set; }

    public DateTimeOffset EnqueuedTime { get; set; }

    public DateTimeOffset ExpiresAt { get; set; } = DateTimeOffset.MaxValue;

    public int DeliveryCount { get; set; }

    public Guid LockToken { get; set; }

    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>Application properties that were changed since the message was sent; a null value removes one. Replaced as a
    /// whole.</summary>
    public IReadOnlyDictionary<string, object?> Changes { get; private set; } = new Dictionary<string, object?>(StringComparer.Ordinal);

    public BrokerMessage Copy() => (BrokerMessage)MemberwiseClone();

    /// <summary>Makes the message a dead letter: visible at once, without expiry. It keeps its delivery count.</summary>
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

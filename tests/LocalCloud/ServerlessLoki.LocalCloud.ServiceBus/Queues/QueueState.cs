namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Settings and counts of a queue at one moment.</summary>
internal sealed record QueueState
{
    public required QueueSettings Settings { get; init; }

    public long Active { get; init; }

    public long Scheduled { get; init; }

    public long DeadLetters { get; init; }

    public long SizeInBytes { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Time of the last access; the current time while a client waits for messages.</summary>
    public DateTimeOffset AccessedAt { get; init; }
}

using ServerlessLoki.Validation;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Options of stage queues and replies.</summary>
public sealed record QueueOptions
{
    /// <summary>Time after which the message of a query that a silent worker holds comes again, 1 s to 5 min; default 5 s. A worker that is
    /// alive prolongs it.</summary>
    public TimeSpan ExpressAckWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same for messages without a deadline, 1 s to 5 min; default 30 s.</summary>
    public TimeSpan DurableAckWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most deliveries of a message before it becomes a dead letter, 1 to 2,000; default 5. A worker that is killed uses one
    /// up.</summary>
    public int MaxDeliveries { get; init; } = 5;

    /// <summary>Time that a queue remembers message ids to drop duplicates, 1 s to 1 h; default 2 min.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest time to its deadline with which a message is kept in memory, 1 s to 1 h; default 5 min. Messages with more, or without a
    /// deadline, are kept on disk.</summary>
    public TimeSpan ExpressLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most memory of the server for messages of queries, bytes, 1 MiB to 1 TiB; default 256 MiB. Above it sending fails.</summary>
    public long ExpressBytes { get; init; } = 256L << 20;

    /// <summary>Time that dead letters are kept, 1 min to 365 days; default 7 days.</summary>
    public TimeSpan DeadLetterAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Rows prefetched per receiver until the engine states its batch size, 1 to 4,096; default 8.</summary>
    public int FirstWindow { get; init; } = 8;

    /// <summary>Longest wait of one pull for messages, 1 s to 5 min; default 30 s.</summary>
    public TimeSpan PullWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause after a fault of the server or of the payload store, above 0; default 500 ms.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time that a reply waits for an inbox that nobody reads, above 0; default 3 s: a process that reconnects reads again within
    /// that.</summary>
    public TimeSpan InboxPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Within(ExpressAckWait, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        check.Within(DurableAckWait, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        check.Within(MaxDeliveries, 1, 2000);
        check.Within(DuplicateWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        check.Within(ExpressLife, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        check.Within(ExpressBytes, 1L << 20, 1L << 40);
        check.Within(DeadLetterAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        check.Within(FirstWindow, 1, 4096);
        check.Within(PullWait, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        check.Above(Pause, TimeSpan.Zero);
        check.Above(InboxPatience, TimeSpan.Zero);
        return check.Faults;
    }

    /// <exception cref="OptionsException">Options are out of bounds; lists all.</exception>
    internal QueueOptions Checked()
    {
        var check = new OptionCheck();
        check.Add(Faults());
        check.ThrowIfAny("the queues");
        return this;
    }
}

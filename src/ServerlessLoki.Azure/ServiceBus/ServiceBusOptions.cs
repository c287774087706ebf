using ServerlessLoki.Validation;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Options of stage and reply queues.</summary>
public sealed record ServiceBusOptions
{
    /// <summary>Time that a silent worker keeps a message locked; the lock is renewed while the worker is alive. 5 s to 5 min; default 30
    /// s.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most deliveries of a message before it becomes a dead letter, 1 to 2,000; default 5. A worker that is killed or stopped
    /// uses one up.</summary>
    public int MaxDeliveryCount { get; init; } = 5;

    /// <summary>Time that a queue remembers message ids to drop duplicates, 20 s to 7 days; default 5 min, the most that the emulator
    /// takes.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Rows prefetched per receiver until the engine states its batch size, at least 1; default 8.</summary>
    public int FirstWindow { get; init; } = 8;

    /// <summary>Longest wait of one receive call for messages, above 0; default 30 s.</summary>
    public TimeSpan ReceiveWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause after a fault of the service, a fault of the payload store, or a missing queue, above 0; default 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Interval at which a receiver looks for new dead letters, to fail their queries, above 0; default 10 s.</summary>
    public TimeSpan DeadLetterLook { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time that a reply waits to be read, and that a reply queue without a reader is kept; at least 5 min, the service's least;
    /// default 5 min.</summary>
    public TimeSpan ReplyLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time without use after which a stage queue outside the plan is deleted, above 0; default 10 min.</summary>
    public TimeSpan RetireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Lists all options that are out of bounds.</summary>
    public IReadOnlyList<Fault> Faults()
    {
        var check = new OptionCheck();
        check.Within(LockDuration, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));
        check.Within(MaxDeliveryCount, 1, 2000);
        check.Within(DuplicateWindow, TimeSpan.FromSeconds(20), TimeSpan.FromDays(7));
        check.Within(FirstWindow, 1, 4096);
        check.Above(ReceiveWait, TimeSpan.Zero);
        check.Above(Pause, TimeSpan.Zero);
        check.Above(DeadLetterLook, TimeSpan.Zero);
        check.AtLeast(ReplyLife, TimeSpan.FromMinutes(5));
        check.Above(RetireAfter, TimeSpan.Zero);
        return check.Faults;
    }

    /// <exception cref="OptionsException">Options are out of bounds; lists all.</exception>
    internal ServiceBusOptions Checked()
    {
        var check = new OptionCheck();
        check.Add(Faults());
        check.ThrowIfAny("the queues");
        return this;
    }
}

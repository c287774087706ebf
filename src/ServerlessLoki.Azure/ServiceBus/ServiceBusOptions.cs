using ServerlessLoki.Validation;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>How stage and reply queues are made and used.</summary>
public sealed record ServiceBusOptions
{
    /// <summary>How long a worker that says nothing keeps a message; renewed while it works. 5 s to 5 min; default 30 s.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Deliveries until a message is put aside as a dead letter, 1 to 2,000; default 5. A worker that is killed or stopped uses one up.</summary>
    public int MaxDeliveryCount { get; init; } = 5;

    /// <summary>For how long a queue remembers message ids to drop what is sent twice, 20 s to 7 days; default 5 min,
    /// the most that the emulator takes.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Rows kept at hand per receiver until the engine says how large its batches are, at least 1; default 8.</summary>
    public int FirstWindow { get; init; } = 8;

    /// <summary>How long one receive waits for messages, above 0; default 30 s.</summary>
    public TimeSpan ReceiveWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause after a fault of the service, of the payload store or a queue that is not there yet, above 0; default 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a receiver looks for new dead letters, to tell their queries, above 0; default 10 s.</summary>
    public TimeSpan DeadLetterLook { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a reply waits to be read, and a reply queue without a reader lives on; at least 5 min, the service's least; default 5 min.</summary>
    public TimeSpan ReplyLife { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A stage queue that the plan has no place for is retired when nobody has used it for this long, above 0; default 10 min.</summary>
    public TimeSpan RetireAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Everything that is out of its bounds.</summary>
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

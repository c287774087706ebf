namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>A queue and its dead letters, under one lock. Time moves it at each call and by one timer for what comes next.</summary>
internal sealed partial class BrokerQueue
{
    public const string DeadLetterSuffix = "/$deadletterqueue";
    private readonly Lock _gate;
    private readonly TimeProvider _time;
    private readonly Action<BrokerQueue> _ended;
    private readonly SortedDictionary<long, BrokerEntry> _ready = [];
    private readonly Dictionary<Guid, BrokerEntry> _locked = [];
    private readonly Dictionary<long, BrokerEntry> _scheduled = [];
    private readonly LinkedList<BrokerWaiter> _waiters = [];
    private readonly DuplicateWindow _seen = new();
    private readonly DateTimeOffset _createdAt;
    private readonly bool _isDeadLetters;
    private QueueSettings _settings;
    private DateTimeOffset _updatedAt;
    private DateTimeOffset _accessedAt;
    private long _sequence;
    private bool _isDeleted;

    public BrokerQueue(QueueSettings settings, TimeProvider time, Action<BrokerQueue> ended)
        : this(settings, time, ended, new Lock(), isDeadLetters: false) =>
        DeadLetters = new BrokerQueue(
            settings with { Name = settings.Name + DeadLetterSuffix, AutoDeleteOnIdle = TimeSpan.MaxValue }, time, static _ => { }, _gate, isDeadLetters: true);

    private BrokerQueue(QueueSettings settings, TimeProvider time, Action<BrokerQueue> ended, Lock gate, bool isDeadLetters)
    {
        (_settings, _time, _ended, _gate, _isDeadLetters) = (settings, time, ended, gate, isDeadLetters);
        _createdAt = _updatedAt = _accessedAt = time.GetUtcNow();
        _timer = time.CreateTimer(static q => ((BrokerQueue)q).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(_accessedAt);
    }

    public string Name => _settings.Name;

    /// <summary>The sub-queue; null in itself.</summary>
    public BrokerQueue DeadLetters { get; }

    public BrokerReply Send(BrokerMessage[] messages)
    {
        var tooLarge = messages.FirstOrDefault(static m => m.SizeInBytes > BrokerMessage.MaxSizeInBytes);
        if (tooLarge is not null || messages.Sum(static m => m.SizeInBytes) > BrokerMessage.MaxSizeInBytes)
        {
            return BrokerReply.Refused(
                ServiceBusFailureReason.MessageSizeExceeded,
                $"What is sent in one call has {messages.Sum(static m => m.SizeInBytes)} bytes; at most {BrokerMessage.MaxSizeInBytes} are allowed.");
        }

        lock (_gate)
        {
            if (Enter(isAccess: true) is { } gone)
                return gone;
            var numbers = new long[messages.Length];
            for (var i = 0; i < messages.Length; i++)
                numbers[i] = Add(messages[i].Copy());
            Leave();
            return new BrokerReply { SequenceNumbers = numbers };
        }
    }

    public BrokerReply CancelScheduled(long sequenceNumber)
    {
        lock (_gate)
        {
            if (Enter(isAccess: true) is { } gone)
                return gone;
            if (!_scheduled.Remove(sequenceNumber, out var entry))
                return BrokerReply.Refused(ServiceBusFailureReason.MessageNotFound, $"No scheduled message has the sequence number {sequenceNumber}.");
            entry.State = EntryState.Gone;
            return BrokerReply.Done;
        }
    }

    public async Task<BrokerReply> ReceiveAsync(int max, TimeSpan maxWait, bool isDelete, CancellationToken cancellationToken)
    {
        var waiter = new BrokerWaiter(max, isDelete);
        LinkedListNode<BrokerWaiter> place;
        lock (_gate)
        {
            if (Enter(isAccess: true) is { } gone)
                return gone;
            place = _waiters.AddLast(waiter);
            Leave();
        }

        if (waiter.Reply.IsCompleted)
            return await waiter.Reply;
        // Messages that were locked for it while it gave up are handed over all the same.
        await using var timer = _time.CreateTimer(_ => GiveUp(place), null, maxWait, Timeout.InfiniteTimeSpan);
        await using var cancel = cancellationToken.UnsafeRegister(_ => GiveUp(place), null);
        var reply = await waiter.Reply;
        if (reply.Messages.Length == 0)
            cancellationToken.ThrowIfCancellationRequested();
        return reply;
    }

    public BrokerReply Peek(int max, long fromSequenceNumber)
    {
        lock (_gate)
        {
            if (Enter(isAccess: true) is { } gone)
                return gone;
            var found = _ready.Values.Concat(_locked.Values).Concat(_scheduled.Values).Select(static e => e.Message)
                .Where(m => m.SequenceNumber >= fromSequenceNumber).OrderBy(static m => m.SequenceNumber).Take(max);
            return new BrokerReply { Messages = [.. found.Select(static m => m.Copy())] };
        }
    }

    public BrokerReply Update(QueueSettings settings)
    {
        lock (_gate)
        {
            if (Enter(isAccess: false) is { } gone)
                return gone;
            _settings = settings with { RequiresDuplicateDetection = _settings.RequiresDuplicateDetection };
            _updatedAt = _time.GetUtcNow();
            Leave();
            return new BrokerReply { Queues = [StateNow()] };
        }
    }

    /// <summary>Counts and settings; null when it has ended.</summary>
    public QueueState State()
    {
        lock (_gate)
            return Enter(isAccess: false) is null ? StateNow() : null;
    }

    public void Delete()
    {
        lock (_gate)
        {
            if (_isDeleted)
                return;
            _isDeleted = true;
            _timer.Dispose();
            foreach (var waiter in _waiters)
                waiter.End(MessageBroker.NotFound(Name));
            _waiters.Clear();
        }

        DeadLetters?.Delete();
    }

    private QueueState StateNow() => new()
    {
        Settings = _settings,
        Active = _ready.Count + _locked.Count,
        Scheduled = _scheduled.Count,
        DeadLetters = DeadLetters is { } dead ? dead._ready.Count + dead._locked.Count : 0,
        SizeInBytes = _ready.Values.Concat(_locked.Values).Concat(_scheduled.Values).Sum(static e => e.Message.SizeInBytes),
        CreatedAt = _createdAt,
        UpdatedAt = _updatedAt,
        AccessedAt = _accessedAt,
    };

    private void GiveUp(LinkedListNode<BrokerWaiter> place)
    {
        lock (_gate)
        {
            if (place.List is null)
                return;
            _waiters.Remove(place);
            place.Value.End(BrokerReply.Done);
            _accessedAt = _time.GetUtcNow();
            Arm(_accessedAt);
        }
    }
}

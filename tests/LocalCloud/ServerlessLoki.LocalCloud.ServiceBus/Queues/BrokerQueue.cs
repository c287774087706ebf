namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Queue and its dead letters, under one lock. Passed time is applied at each call and by one timer for the next event.</summary>
internal sealed partial class BrokerQueue
{
    public const string DeadLetterSuffix = "/$deadletterqueue";
    private readonly QueueGate _gate;
    private readonly TimeProvider _time;
    private readonly Action<BrokerQueue> _ended;
    private readonly SortedDictionary<long, BrokerMessage> _ready = [];
    private readonly Dictionary<Guid, BrokerMessage> _locked = [];
    private readonly Dictionary<long, BrokerMessage> _scheduled = [];
    private readonly DuplicateWindow _seen = new();
    private readonly DateTimeOffset _createdAt;
    private readonly bool _isDeadLetters;
    private QueueSettings _settings;
    private DateTimeOffset _updatedAt;
    private DateTimeOffset _accessedAt;
    private long _sequence;
    private bool _isDeleted;

    public BrokerQueue(QueueSettings settings, TimeProvider time, QueueLog log, Action<BrokerQueue> ended)
        : this(settings, time, new QueueGate(log), time.GetUtcNow(), ended, isDeadLetters: false)
    {
        DeadLetters = OwnDeadLetters();
        log.Settings(_settings, _createdAt, _sequence);
        Start();
    }

    private BrokerQueue(QueueSettings settings, TimeProvider time, QueueGate gate, DateTimeOffset createdAt, Action<BrokerQueue> ended, bool isDeadLetters)
    {
        (_settings, _time, _gate, _ended, _isDeadLetters) = (settings, time, gate, ended, isDeadLetters);
        (_createdAt, _updatedAt, _accessedAt) = (createdAt, createdAt, time.GetUtcNow());
        _timer = time.CreateTimer(static q => ((BrokerQueue)q!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Name => _settings.Name;

    /// <summary>Queue of the dead letters; null for that queue itself.</summary>
    public BrokerQueue? DeadLetters { get; private set; }

    public BrokerFault? Send(IReadOnlyList<BrokerMessage> messages, out long[] numbers)
    {
        numbers = [];
        var bytes = messages.Sum(static m => (long)m.Wire.Length);
        if (bytes > BrokerMessage.MaxSizeInBytes)
            return BrokerFault.TooLarge(bytes);
        using var turn = Begin(isAccess: true);
        if (turn.Fault is not null)
            return turn.Fault;
        numbers = new long[messages.Count];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = Add(messages[i]);
        return null;
    }

    /// <summary>Cancels all of the scheduled messages or none.</summary>
    public BrokerFault? CancelScheduled(IReadOnlyList<long> sequenceNumbers)
    {
        using var turn = Begin(isAccess: true);
        if (turn.Fault is not null)
            return turn.Fault;
        foreach (var number in sequenceNumbers)
        {
            if (!_scheduled.ContainsKey(number))
                return new BrokerFault(BrokerFaultKind.MessageNotFound, $"No scheduled message has the sequence number {number}.");
        }

        foreach (var number in sequenceNumbers)
        {
            if (_scheduled.Remove(number, out var message))
                Forget(message);
        }

        return null;
    }

    public BrokerFault? Peek(int max, long fromSequenceNumber, out BrokerMessage[] messages)
    {
        messages = [];
        using var turn = Begin(isAccess: true);
        if (turn.Fault is not null)
            return turn.Fault;
        messages = [.. All().Where(m => m.SequenceNumber >= fromSequenceNumber).OrderBy(static m => m.SequenceNumber).Take(max).Select(static m => m.Copy())];
        return null;
    }

    public BrokerFault? Update(QueueSettings settings)
    {
        using var turn = Begin(isAccess: false);
        if (turn.Fault is not null)
            return turn.Fault;
        _settings = settings with { Name = _settings.Name, RequiresDuplicateDetection = _settings.RequiresDuplicateDetection };
        _updatedAt = _time.GetUtcNow();
        _gate.Log.Settings(_settings, _createdAt, _sequence);
        return null;
    }

    /// <summary>Returns counts and settings; null when the queue has ended.</summary>
    public QueueState? State()
    {
        using var turn = Begin(isAccess: false);
        return turn.Fault is not null ? null : new QueueState
        {
            Settings = _settings,
            Active = _ready.Count + _locked.Count,
            Scheduled = _scheduled.Count,
            DeadLetters = DeadLetters is { } dead ? dead._ready.Count + dead._locked.Count : 0,
            SizeInBytes = All().Sum(static m => (long)m.Wire.Length),
            CreatedAt = _createdAt,
            UpdatedAt = _updatedAt,
            AccessedAt = _waiting.Count > 0 ? _time.GetUtcNow() : _accessedAt,
        };
    }

    public void Delete()
    {
        _gate.Enter();
        try
        {
            End(BrokerFault.NotFound(Name));
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Stops without deleting: the journal keeps the content.</summary>
    public void Close()
    {
        _gate.Enter();
        try
        {
            _isDeleted = true;
            _timer.Dispose();
            DeadLetters?._timer.Dispose();
            _gate.Log.Dispose();
        }
        finally
        {
            _gate.Exit();
        }
    }

    private BrokerQueue OwnDeadLetters()
    {
        var settings = _settings with { Name = _settings.Name + DeadLetterSuffix, AutoDeleteOnIdle = TimeSpan.MaxValue };
        return new BrokerQueue(settings, _time, _gate, _createdAt, static _ => { }, isDeadLetters: true);
    }

    private IEnumerable<BrokerMessage> All() => _ready.Values.Concat(_locked.Values).Concat(_scheduled.Values);

    private void Forget(BrokerMessage message)
    {
        message.State = MessageState.Gone;
        _gate.Log.Gone(message, _isDeadLetters);
    }

    private void End(BrokerFault reason)
    {
        if (_isDeleted)
            return;
        _isDeleted = true;
        _timer.Dispose();
        foreach (var consumer in _consumers)
            _gate.After(() => consumer.End(reason));
        _consumers.Clear();
        _waiting.Clear();
        if (DeadLetters is null)
            return;
        DeadLetters.End(reason);
        _gate.Log.Delete();
        _ended(this);
    }
}

namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Effects of time on messages: schedule, time-to-live, lock expiry.</summary>
internal sealed partial class BrokerQueue
{
    private const int MaxStale = 1000;
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);
    private readonly ITimer _timer;
    private readonly PriorityQueue<BrokerMessage, DateTimeOffset> _due = new();

    /// <summary>Begins one call under the lock: first applies the passed time; at its end delivers messages and writes the
    /// journal.</summary>
    private Turn Begin(bool isAccess)
    {
        _gate.Enter();
        try
        {
            var now = _time.GetUtcNow();
            if (!_isDeleted)
                Pass(now);
            if (isAccess)
                _accessedAt = now;
            return new Turn(this, _isDeleted ? BrokerFault.NotFound(Name) : null);
        }
        catch
        {
            _gate.Exit();
            throw;
        }
    }

    private void Finish()
    {
        try
        {
            if (_isDeleted)
                return;
            var now = _time.GetUtcNow();
            HandOut(now);
            DeadLetters?.HandOut(now);
            Arm(now);
            DeadLetters?.Arm(now);
            _gate.Log.Flush(_writeAll);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void OnTimer()
    {
        // Time passes as in any other call.
        using var turn = Begin(isAccess: false);
    }

    private long Add(BrokerMessage message)
    {
        var now = _time.GetUtcNow();
        message.SequenceNumber = ++_sequence;
        if (_settings.RequiresDuplicateDetection && message.MessageId is { } id
            && !_seen.TryAdd(id, now, Sum(now, _settings.DuplicateDetectionHistoryTimeWindow)))
        {
            return message.SequenceNumber;
        }

        message.SentAt = now;
        var isScheduled = message.ScheduledTime > now;
        message.EnqueuedTime = isScheduled ? message.ScheduledTime!.Value : now;
        if (message.TimeToLive > _settings.DefaultMessageTimeToLive)
            message.TimeToLive = _settings.DefaultMessageTimeToLive;
        message.ExpiresAt = Sum(message.EnqueuedTime, message.TimeToLive);
        message.State = isScheduled ? MessageState.Scheduled : MessageState.Ready;
        Place(message);
        _gate.Log.Message(message, _isDeadLetters);
        return message.SequenceNumber;
    }

    /// <summary>Puts a message into the place of its state.</summary>
    private void Place(BrokerMessage message)
    {
        switch (message.State)
        {
            case MessageState.Scheduled:
                _scheduled.Add(message.SequenceNumber, message);
                LookAgain(message, message.EnqueuedTime);
                break;
            case MessageState.Locked:
                _locked.Add(message.LockToken, message);
                LookAgain(message, message.LockedUntil);
                break;
            default:
                _ready.Add(message.SequenceNumber, message);
                LookAgain(message, message.ExpiresAt);
                break;
        }
    }

    private void LookAgain(BrokerMessage message, DateTimeOffset at)
    {
        if (at == DateTimeOffset.MaxValue)
            return;
        _due.Enqueue(message, at);
        // Messages that were settled long before their time would be kept until then.
        if (_due.Count > MaxStale + (4 * (_ready.Count + _locked.Count + _scheduled.Count)))
            DropStale();
    }

    private void DropStale()
    {
        _due.Clear();
        foreach (var message in All())
        {
            var at = message.State switch
            {
                MessageState.Scheduled => message.EnqueuedTime,
                MessageState.Locked => message.LockedUntil,
                _ => message.ExpiresAt,
            };
            if (at < DateTimeOffset.MaxValue)
                _due.Enqueue(message, at);
        }
    }

    private void Pass(DateTimeOffset now)
    {
        // A message stands here once for each moment that might matter; what it is by then decides.
        while (_due.TryPeek(out var message, out var at) && at <= now)
        {
            _due.Dequeue();
            switch (message.State)
            {
                case MessageState.Scheduled:
                    _scheduled.Remove(message.SequenceNumber);
                    message.State = MessageState.Ready;
                    Place(message);
                    break;
                case MessageState.Locked when message.LockedUntil <= now:
                    _locked.Remove(message.LockToken);
                    GiveBack(message);
                    break;
                case MessageState.Ready when message.ExpiresAt <= now:
                    _ready.Remove(message.SequenceNumber);
                    if (_settings.DeadLetteringOnMessageExpiration)
                        ToDeadLetter(message, "TTLExpiredException", "The message expired and was dead lettered.");
                    else
                        Forget(message);
                    break;
                default:
                    break;
            }
        }

        if (_waiting.Count == 0 && now >= IdleEnd())
            End(BrokerFault.NotFound(Name));
    }

    private void Arm(DateTimeOffset now)
    {
        var next = _due.TryPeek(out _, out var at) ? at : DateTimeOffset.MaxValue;
        if (_waiting.Count == 0 && IdleEnd() < next)
            next = IdleEnd();
        var wait = next == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : Wait(next - now);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rounds a wait up to the whole milliseconds of timers: rounded down, they would fire too early again and again.</summary>
    private static TimeSpan Wait(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp(span.TotalMilliseconds, 0, LongestTimer.TotalMilliseconds)));

    private DateTimeOffset IdleEnd() => Sum(_accessedAt, _settings.AutoDeleteOnIdle);

    private static DateTimeOffset Sum(DateTimeOffset at, TimeSpan span) => span < DateTimeOffset.MaxValue - at ? at + span : DateTimeOffset.MaxValue;

    /// <summary>Ends the turn when disposed.</summary>
    private readonly ref struct Turn(BrokerQueue queue, BrokerFault? fault)
    {
        /// <summary>Refusal when the queue has ended; null otherwise.</summary>
        public BrokerFault? Fault { get; } = fault;

        public void Dispose() => queue.Finish();
    }
}

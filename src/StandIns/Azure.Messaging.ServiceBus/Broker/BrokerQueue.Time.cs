namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>What time does to messages: schedule, time-to-live, lock expiry; and handing out what is ready.</summary>
internal sealed partial class BrokerQueue
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);
    private readonly ITimer _timer;
    private readonly PriorityQueue<BrokerEntry, DateTimeOffset> _due = new();

    /// <summary>First in each call: lets time pass. Answers the refusal when the queue has ended.</summary>
    private BrokerReply Enter(bool isAccess)
    {
        var now = _time.GetUtcNow();
        if (!_isDeleted)
            Pass(now);
        if (_isDeleted)
            return MessageBroker.NotFound(Name);
        if (isAccess)
            _accessedAt = now;
        return null;
    }

    /// <summary>Last in each call: hands out what has become ready.</summary>
    private void Leave()
    {
        var now = _time.GetUtcNow();
        HandOut(now);
        Arm(now);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_isDeleted || Enter(isAccess: false) is not null)
                return;
            Leave();
        }
    }

    private long Add(BrokerMessage message)
    {
        var now = _time.GetUtcNow();
        message.SequenceNumber = ++_sequence;
        if (_settings.RequiresDuplicateDetection && !_seen.TryAdd(message.MessageId, now, _settings.DuplicateDetectionHistoryTimeWindow))
            return message.SequenceNumber;
        var entry = new BrokerEntry(message);
        if (message.ScheduledTime is { } at && at > now)
        {
            message.IsScheduled = true;
            message.EnqueuedTime = at;
            entry.State = EntryState.Scheduled;
            _scheduled.Add(message.SequenceNumber, entry);
            LookAgain(entry, at);
        }
        else
        {
            Appear(entry, now);
        }

        return message.SequenceNumber;
    }

    private void Appear(BrokerEntry entry, DateTimeOffset at)
    {
        var message = entry.Message;
        message.IsScheduled = false;
        message.EnqueuedTime = at;
        if (message.TimeToLive > _settings.DefaultMessageTimeToLive)
            message.TimeToLive = _settings.DefaultMessageTimeToLive;
        message.ExpiresAt = Sum(at, message.TimeToLive);
        entry.State = EntryState.Ready;
        _ready.Add(message.SequenceNumber, entry);
        LookAgain(entry, message.ExpiresAt);
    }

    private void LookAgain(BrokerEntry entry, DateTimeOffset at)
    {
        if (at < DateTimeOffset.MaxValue)
            _due.Enqueue(entry, at);
    }

    private void Pass(DateTimeOffset now)
    {
        // An entry stands here once for each moment that might matter; what it is by then decides.
        while (_due.TryPeek(out var entry, out var at) && at <= now)
        {
            _due.Dequeue();
            var message = entry.Message;
            switch (entry.State)
            {
                case EntryState.Scheduled:
                    _scheduled.Remove(message.SequenceNumber);
                    Appear(entry, at);
                    break;
                case EntryState.Locked when message.LockedUntil <= now:
                    _locked.Remove(message.LockToken);
                    GiveBack(entry);
                    break;
                case EntryState.Ready when message.ExpiresAt <= now:
                    _ready.Remove(message.SequenceNumber);
                    entry.State = EntryState.Gone;
                    if (_settings.DeadLetteringOnMessageExpiration)
                        Bury(entry, "TTLExpiredException", "The message expired and was dead lettered.");
                    break;
                default:
                    break;
            }
        }

        if (_waiters.Count == 0 && now >= IdleEnd())
        {
            _ended(this);
            Delete();
        }
    }

    private void HandOut(DateTimeOffset now)
    {
        while (_ready.Count > 0 && _waiters.First is { } first)
        {
            _waiters.RemoveFirst();
            var waiter = first.Value;
            var taken = _ready.Values.Take(waiter.Max).ToArray();
            foreach (var entry in taken)
                HandOut(entry, waiter.IsDelete, now);
            _accessedAt = now;
            waiter.End(new BrokerReply { Messages = [.. taken.Select(static e => e.Message.Copy())] });
        }
    }

    private void HandOut(BrokerEntry entry, bool isDelete, DateTimeOffset now)
    {
        var message = entry.Message;
        _ready.Remove(message.SequenceNumber);
        message.DeliveryCount++;
        if (isDelete)
        {
            entry.State = EntryState.Gone;
            return;
        }

        entry.State = EntryState.Locked;
        message.LockToken = Guid.NewGuid();
        message.LockedUntil = now + _settings.LockDuration;
        _locked.Add(message.LockToken, entry);
        LookAgain(entry, message.LockedUntil);
    }

    private void Arm(DateTimeOffset now)
    {
        var next = _due.TryPeek(out _, out var at) ? at : DateTimeOffset.MaxValue;
        if (_waiters.Count == 0 && IdleEnd() < next)
            next = IdleEnd();
        if (_isDeleted)
            return;
        var wait = next == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : Wait(next - now);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Timers count whole milliseconds: rounded down, they would fire too early, again and again.</summary>
    private static TimeSpan Wait(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp(span.TotalMilliseconds, 0, LongestTimer.TotalMilliseconds)));

    private DateTimeOffset IdleEnd() => Sum(_accessedAt, _settings.AutoDeleteOnIdle);

    private static DateTimeOffset Sum(DateTimeOffset at, TimeSpan span) => span < DateTimeOffset.MaxValue - at ? at + span : DateTimeOffset.MaxValue;
}

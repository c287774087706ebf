namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Consumers of the queue, and the delivery of messages to them.</summary>
internal sealed partial class BrokerQueue
{
    private readonly HashSet<BrokerConsumer> _consumers = [];

    /// <summary>Consumers with credit, the next one first.</summary>
    private readonly LinkedList<BrokerConsumer> _waiting = [];

    public BrokerFault? Attach(BrokerConsumer consumer)
    {
        using var turn = Begin(isAccess: true);
        if (turn.Fault is null)
            _consumers.Add(consumer);
        return turn.Fault;
    }

    /// <summary>Detaches a consumer. Messages assigned to it and not sent are returned; sent ones stay locked until they are settled or the
    /// lock expires.</summary>
    public void Detach(BrokerConsumer consumer)
    {
        using var turn = Begin(isAccess: true);
        if (turn.Fault is not null)
            return;
        _consumers.Remove(consumer);
        _waiting.Remove(consumer);
        TakeBack(consumer);
    }

    /// <param name="consumer">Consumer of messages.</param>
    /// <param name="credit">Number of messages that the consumer still takes, counting those assigned to it and not sent yet.</param>
    public void SetCredit(BrokerConsumer consumer, int credit)
    {
        using var turn = Begin(isAccess: true);
        if (turn.Fault is not null || !_consumers.Contains(consumer))
            return;
        if (credit == 0)
            TakeBack(consumer);
        consumer.Credit = Math.Max(0, credit - consumer.Outbox.Count);
        _waiting.Remove(consumer);
        if (consumer.Credit > 0)
            _waiting.AddLast(consumer);
    }

    /// <summary>Takes the next message assigned to a consumer; a copy.</summary>
    public BrokerMessage? Take(BrokerConsumer consumer)
    {
        lock (_gate.Lock)
        {
            while (consumer.Outbox.TryDequeue(out var message))
            {
                // Its lock may have expired meanwhile.
                if (consumer.IsDelete || _locked.ContainsKey(message.LockToken))
                    return message;
            }

            return null;
        }
    }

    /// <summary>Returns a message of <see cref="Take"/> that could not be sent, which does not count as a delivery.</summary>
    public void Return(BrokerConsumer consumer, BrokerMessage message)
    {
        using var turn = Begin(isAccess: false);
        if (turn.Fault is not null)
            return;
        consumer.Credit = 0;
        _waiting.Remove(consumer);
        Return(message, consumer.IsDelete);
        TakeBack(consumer);
    }

    private void TakeBack(BrokerConsumer consumer)
    {
        while (consumer.Outbox.TryDequeue(out var message))
            Return(message, consumer.IsDelete);
    }

    private void Return(BrokerMessage copy, bool isDelete)
    {
        if (!isDelete)
        {
            if (_locked.Remove(copy.LockToken, out var message))
                GiveBackUncounted(message);
            return;
        }

        copy.DeliveryCount--;
        copy.State = MessageState.Ready;
        _ready.Add(copy.SequenceNumber, copy);
        LookAgain(copy, copy.ExpiresAt);
        _gate.Log.Message(copy, _isDeadLetters);
    }

    private void HandOut(DateTimeOffset now)
    {
        while (_ready.Count > 0 && _waiting.First is { } first)
        {
            var consumer = first.Value;
            _waiting.RemoveFirst();
            var message = _ready.First().Value;
            HandOut(message, consumer.IsDelete, now);
            _accessedAt = now;
            consumer.Outbox.Enqueue(message.Copy());
            // One message per consumer in turn, so that a large credit does not take all.
            if (--consumer.Credit > 0)
                _waiting.AddLast(consumer);
            _gate.After(consumer.Wake);
        }
    }

    private void HandOut(BrokerMessage message, bool isDelete, DateTimeOffset now)
    {
        _ready.Remove(message.SequenceNumber);
        message.DeliveryCount++;
        if (isDelete)
        {
            Forget(message);
            return;
        }

        message.State = MessageState.Locked;
        message.LockToken = Guid.NewGuid();
        message.LockedUntil = now + _settings.LockDuration;
        _locked.Add(message.LockToken, message);
        LookAgain(message, message.LockedUntil);
        _gate.Log.Locked(message, _isDeadLetters);
    }
}

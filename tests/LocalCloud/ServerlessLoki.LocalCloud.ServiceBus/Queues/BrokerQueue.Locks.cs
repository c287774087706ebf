namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Operations of a receiver on the messages that it holds.</summary>
internal sealed partial class BrokerQueue
{
    public BrokerFault? Complete(Guid token) => Settle(token, static (queue, message) => queue.Forget(message));

    public BrokerFault? Abandon(Guid token, IReadOnlyDictionary<string, object?>? properties) => Settle(token, (queue, message) =>
    {
        message.Modify(properties);
        queue.GiveBack(message);
    });

    public BrokerFault? DeadLetter(Guid token, IReadOnlyDictionary<string, object?>? properties, string? reason, string? description) => Settle(token, (queue, message) =>
    {
        message.Modify(properties);
        queue.ToDeadLetter(message, reason, description);
    });

    /// <summary>Returns a message as if it had never been delivered; a client that stopped waiting does this with messages that still
    /// arrive.</summary>
    public BrokerFault? Release(Guid token) => Settle(token, static (queue, message) => queue.GiveBackUncounted(message));

    public BrokerFault? Renew(Guid token, out DateTimeOffset until)
    {
        until = default;
        using var turn = Begin(isAccess: true);
        if (turn.Fault is not null)
            return turn.Fault;
        if (!_locked.TryGetValue(token, out var message))
            return BrokerFault.LockLost(token);
        until = message.LockedUntil = _time.GetUtcNow() + _settings.LockDuration;
        LookAgain(message, until);
        _gate.Log.Locked(message, _isDeadLetters);
        return null;
    }

    private BrokerFault? Settle(Guid token, Action<BrokerQueue, BrokerMessage> settle)
    {
        using var turn = Begin(isAccess: true);
        if (turn.Fault is not null)
            return turn.Fault;
        if (!_locked.Remove(token, out var message))
            return BrokerFault.LockLost(token);
        settle(this, message);
        // What is given back after its time is not delivered once more.
        Pass(_time.GetUtcNow());
        return null;
    }

    private void GiveBackUncounted(BrokerMessage message)
    {
        message.DeliveryCount--;
        Free(message);
    }

    /// <summary>Returns a message after a failed delivery: visible again in its old place, or a dead letter after too many
    /// deliveries.</summary>
    private void GiveBack(BrokerMessage message)
    {
        if (!_isDeadLetters && message.DeliveryCount >= _settings.MaxDeliveryCount)
            ToDeadLetter(message, "MaxDeliveryCountExceeded", $"Message could not be consumed after {message.DeliveryCount} delivery attempts.");
        else
            Free(message);
    }

    private void Free(BrokerMessage message)
    {
        message.State = MessageState.Ready;
        message.LockToken = Guid.Empty;
        _ready.Add(message.SequenceNumber, message);
        LookAgain(message, message.ExpiresAt);
        _gate.Log.Free(message, _isDeadLetters);
    }

    private void ToDeadLetter(BrokerMessage message, string? reason, string? description)
    {
        var why = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (reason is not null)
            why[BrokerMessage.ReasonKey] = reason;
        if (description is not null)
            why[BrokerMessage.DescriptionKey] = description;
        message.Modify(why);
        if (DeadLetters is not { } letters)
        {
            // A message that is dead-lettered again in the sub-queue stays there.
            message.ToDeadLetter();
            Free(message);
            return;
        }

        _gate.Log.DeadLettered(message);
        var dead = message.Copy();
        message.State = MessageState.Gone;
        dead.ToDeadLetter();
        letters._ready.Add(dead.SequenceNumber, dead);
    }
}

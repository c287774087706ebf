namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>What a receiver does with a message it holds.</summary>
internal sealed partial class BrokerQueue
{
    public BrokerReply Complete(Guid token) => Settle(token, static (_, _) => { });

    public BrokerReply Abandon(Guid token, Dictionary<string, object> properties) => Settle(token, (queue, entry) =>
    {
        entry.Message.Modify(properties);
        queue.GiveBack(entry);
    });

    public BrokerReply DeadLetter(Guid token, Dictionary<string, object> properties, string reason, string description) => Settle(token, (queue, entry) =>
    {
        entry.Message.Modify(properties);
        queue.Bury(entry, reason, description);
    });

    public BrokerReply Renew(Guid token)
    {
        lock (_gate)
        {
            if (Enter(isAccess: true) is { } gone)
                return gone;
            if (!_locked.TryGetValue(token, out var entry))
                return LockLost(token);
            entry.Message.LockedUntil = _time.GetUtcNow() + _settings.LockDuration;
            LookAgain(entry, entry.Message.LockedUntil);
            Leave();
            return new BrokerReply { LockedUntil = entry.Message.LockedUntil };
        }
    }

    private static BrokerReply LockLost(Guid token) => BrokerReply.Refused(
        ServiceBusFailureReason.MessageLockLost,
        $"The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue. Lock token: {token}.");

    private BrokerReply Settle(Guid token, Action<BrokerQueue, BrokerEntry> settle)
    {
        lock (_gate)
        {
            if (Enter(isAccess: true) is { } gone)
                return gone;
            if (!_locked.Remove(token, out var entry))
                return LockLost(token);
            entry.State = EntryState.Gone;
            settle(this, entry);
            Leave();
            return BrokerReply.Done;
        }
    }

    /// <summary>A delivery that came to nothing: visible again in its old place, or buried when there were enough.</summary>
    private void GiveBack(BrokerEntry entry)
    {
        if (!_isDeadLetters && entry.Message.DeliveryCount >= _settings.MaxDeliveryCount)
        {
            Bury(entry, "MaxDeliveryCountExceeded", $"Message could not be consumed after {entry.Message.DeliveryCount} delivery attempts.");
            return;
        }

        entry.State = EntryState.Ready;
        entry.Message.LockToken = Guid.Empty;
        _ready.Add(entry.Message.SequenceNumber, entry);
        LookAgain(entry, entry.Message.ExpiresAt);
    }

    private void Bury(BrokerEntry entry, string reason, string description)
    {
        entry.State = EntryState.Gone;
        var message = entry.Message;
        message.LockToken = Guid.Empty;
        message.DeliveryCount = 0;
        message.ExpiresAt = DateTimeOffset.MaxValue;
        if (reason is not null)
            message.Properties[ServiceBusReceivedMessage.ReasonKey] = reason;
        if (description is not null)
            message.Properties[ServiceBusReceivedMessage.DescriptionKey] = description;
        // A message that is dead-lettered again in the sub-queue stays there.
        var grave = DeadLetters ?? this;
        grave._ready.Add(message.SequenceNumber, new BrokerEntry(message) { State = EntryState.Ready });
        grave.HandOut(_time.GetUtcNow());
        grave.Arm(_time.GetUtcNow());
    }
}

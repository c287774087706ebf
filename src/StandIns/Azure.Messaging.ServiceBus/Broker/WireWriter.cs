namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>Requests and replies as bytes; <see cref="WireReader"/> is its mirror.</summary>
internal sealed class WireWriter(Stream stream) : BinaryWriter(stream)
{
    public void Request(BrokerRequest request)
    {
        Write((byte)request.Operation);
        Write(request.Entity);
        Messages(request.Messages);
        Write(request.MaxMessages);
        Write(request.MaxWait.Ticks);
        Write(request.IsDelete);
        Write(request.LockToken.ToByteArray());
        Write(request.SequenceNumber);
        Write(request.Properties is not null);
        if (request.Properties is not null)
            Properties(request.Properties);
        Text(request.Reason);
        Text(request.Description);
        Write(request.Settings is not null);
        if (request.Settings is not null)
            Settings(request.Settings);
    }

    public void Reply(BrokerReply reply)
    {
        Write((int)(reply.Failure ?? (ServiceBusFailureReason)(-1)));
        Text(reply.Error);
        Messages(reply.Messages);
        Write(reply.SequenceNumbers.Length);
        foreach (var number in reply.SequenceNumbers)
            Write(number);
        Time(reply.LockedUntil);
        Write(reply.Queues.Length);
        foreach (var queue in reply.Queues)
        {
            Settings(queue.Settings);
            Write(queue.Active);
            Write(queue.Scheduled);
            Write(queue.DeadLetters);
            Write(queue.SizeInBytes);
            Time(queue.CreatedAt);
            Time(queue.UpdatedAt);
            Time(queue.AccessedAt);
        }
    }

    private void Messages(BrokerMessage[] messages)
    {
        Write(messages.Length);
        foreach (var message in messages)
        {
            Write(message.Body.Length);
            Write(message.Body);
            Text(message.MessageId);
            Text(message.CorrelationId);
            Text(message.Subject);
            Text(message.To);
            Text(message.ReplyTo);
            Text(message.ContentType);
            Write(message.TimeToLive.Ticks);
            Properties(message.Properties);
            Write(message.ScheduledTime is not null);
            Time(message.ScheduledTime ?? default);
            Write(message.IsScheduled);
            Write(message.SequenceNumber);
            Time(message.EnqueuedTime);
            Time(message.ExpiresAt);
            Write(message.DeliveryCount);
            Write(message.LockToken.ToByteArray());
            Time(message.LockedUntil);
        }
    }

    private void Settings(QueueSettings settings)
    {
        Write(settings.Name);
        Write(settings.LockDuration.Ticks);
        Write(settings.MaxDeliveryCount);
        Write(settings.DefaultMessageTimeToLive.Ticks);
        Write(settings.AutoDeleteOnIdle.Ticks);
        Write(settings.DeadLetteringOnMessageExpiration);
        Write(settings.RequiresDuplicateDetection);
        Write(settings.DuplicateDetectionHistoryTimeWindow.Ticks);
        Text(settings.UserMetadata);
    }

    private void Properties(Dictionary<string, object> properties)
    {
        Write(properties.Count);
        foreach (var (name, value) in properties)
        {
            Write(name);
            Value(value);
        }
    }

    private void Value(object value)
    {
        switch (value)
        {
            case null:
                Write((byte)0);
                break;
            case string text:
                Write((byte)1);
                Write(text);
                break;
            case bool flag:
                Write((byte)2);
                Write(flag);
                break;
            case int number:
                Write((byte)3);
                Write(number);
                break;
            case long number:
                Write((byte)4);
                Write(number);
                break;
            case double number:
                Write((byte)5);
                Write(number);
                break;
            case Guid id:
                Write((byte)6);
                Write(id.ToByteArray());
                break;
            case DateTimeOffset time:
                Write((byte)7);
                Time(time);
                break;
            default:
                throw BrokerAddress.NotCovered($"A property of type {value.GetType()}");
        }
    }

    private void Text(string text)
    {
        Write(text is not null);
        if (text is not null)
            Write(text);
    }

    private void Time(DateTimeOffset time) => Write(time.UtcTicks);
}

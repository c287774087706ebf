using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Operations on one stage queue of the service: receive, read, settle; without prefetching.</summary>
internal sealed class StageInlet(
    string queue, string owner, ServiceBusConnection connection, QueueMaker maker, Envelope envelope, IStageItems items, IStageReplies replies,
    ServiceBusOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly ServiceBusReceiver _receiver = connection.Client.CreateReceiver(queue);

    public string Queue => queue;

    /// <summary>Starts to receive; a missing queue is created, or waited for.</summary>
    public MessagePump Pump(Func<int> room, Func<ServiceBusReceivedMessage, CancellationToken, Task> take) =>
        new(_receiver, maker, room, take, options, time, logger);

    /// <summary>Reads the item of a message; null when it is unreadable, and the message became a dead letter.</summary>
    public async Task<StageItem?> ReadAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await items.ItemOfAsync(await envelope.OpenMessageAsync(message, cancellationToken), message.DeliveryCount - 1, cancellationToken);
            }
            catch (FormatException exception)
            {
                await PutAsideAsync(message, Poison.Describe(exception));
                return null;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The store is away: giving the message back would only use up its deliveries.
                logger.FetchFailed(exception, message.MessageId, queue);
                if (message.ExpiresAt <= time.GetUtcNow())
                {
                    // Its ingress has answered by now.
                    await CompleteAsync(message, cancellationToken);
                    return null;
                }

                await Task.Delay(options.Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Completes a message. False when the lock was lost: the message then comes again.</summary>
    public async Task<bool> CompleteAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            await _receiver.CompleteMessageAsync(message, cancellationToken);
        }
        catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            LockLost(message);
            return false;
        }

        ServiceBusMetrics.SettleMs.Record(time.GetElapsedTime(start).TotalMilliseconds, ServiceBusMetrics.Queue(queue));
        await envelope.DiscardAsync(message);
        return true;
    }

    public async Task AbandonAsync(ServiceBusReceivedMessage message)
    {
        var start = time.GetTimestamp();
        try
        {
            await _receiver.AbandonMessageAsync(message);
            ServiceBusMetrics.SettleMs.Record(time.GetElapsedTime(start).TotalMilliseconds, ServiceBusMetrics.Queue(queue));
        }
        catch (Exception exception) when (exception is ServiceBusException or ObjectDisposedException)
        {
            logger.AbandonFailed(exception, message.MessageId, queue);
        }
    }

    /// <summary>Renews a lock. False when it was lost. Other faults are left to the next try.</summary>
    public async Task<bool> RenewAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await ServiceBusMetrics.MeasureAsync("renew", queue, time, () => _receiver.RenewMessageLockAsync(message, cancellationToken));
            return true;
        }
        catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.MessageLockLost)
        {
            LockLost(message);
            return false;
        }
    }

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    private void LockLost(ServiceBusReceivedMessage message)
    {
        logger.LockLost(message.MessageId, queue);
        ServiceBusMetrics.LocksLost.Add(1, ServiceBusMetrics.Queue(queue));
    }

    private async Task PutAsideAsync(ServiceBusReceivedMessage message, string reason)
    {
        logger.Poisoned(message.MessageId, queue, reason);
        ServiceBusMetrics.DeadLetters.Add(1, ServiceBusMetrics.Queue(queue));
        try
        {
            // The query hears of it before the message is gone: after a crash between the two it is merely told again.
            if (Envelope.FailureOf(message, owner, $"Message {message.MessageId} of stage {queue} cannot be read: {reason}") is var (replyTo, reply))
                await replies.SendAsync(replyTo, reply, CancellationToken.None);
            await ServiceBusMetrics.MeasureAsync("dead_letter", queue, time, () => _receiver.DeadLetterMessageAsync(message, Poison.Reason, reason));
        }
        catch (ServiceBusException exception)
        {
            logger.AbandonFailed(exception, message.MessageId, queue);
        }
    }
}

using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Reply queue with its receiver. Disposing deletes the queue if it was a private inbox.</summary>
internal sealed class ReplyInbox : IAsyncDisposable
{
    private const int MaxAtOnce = 64;
    private const int MaxInHand = 256;
    private readonly string _name;
    private readonly Func<StageReply, ValueTask> _received;
    private readonly ServiceBusConnection _connection;
    private readonly Envelope _envelope;
    private readonly ILogger _logger;
    private readonly ServiceBusReceiver _receiver;
    private readonly MessagePump _pump;
    private int _inHand;
    private int _disposed;

    public ReplyInbox(
        string name, Func<StageReply, ValueTask> received, ServiceBusConnection connection, QueueMaker maker, Envelope envelope,
        ServiceBusOptions options, TimeProvider time, ILogger logger)
    {
        (_name, _received, _connection, _envelope, _logger) = (name, received, connection, envelope, logger);
        _receiver = connection.Client.CreateReceiver(name);
        _pump = new MessagePump(_receiver, maker, Room, TakeAsync, options, time, logger);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _pump.DisposeAsync();
        await _receiver.DisposeAsync();
        if (!_name.StartsWith(StageQueueNames.ReplyPrefix, StringComparison.Ordinal))
            return;
        try
        {
            await _connection.Management.RunAsync("queue.delete", stop => _connection.Administration.DeleteQueueAsync(_name, stop), CancellationToken.None);
        }
        catch (Exception exception) when (exception is ServiceBusException or UnauthorizedAccessException or ObjectDisposedException or TimeoutException)
        {
            // The service deletes it by itself a while after the last read.
        }
    }

    /// <summary>Returns the room for more replies: the next ones are received while earlier ones are settled.</summary>
    private int Room() => Math.Min(MaxAtOnce, MaxInHand - Volatile.Read(ref _inHand));

    private async Task TakeAsync(ServiceBusReceivedMessage message, CancellationToken stop)
    {
        Interlocked.Increment(ref _inHand);
        try
        {
            await _received(await _envelope.OpenReplyAsync(message, stop));
            await _receiver.CompleteMessageAsync(message, CancellationToken.None);
            await _envelope.DiscardAsync(message);
        }
        catch (FormatException exception)
        {
            _logger.Poisoned(message.MessageId, _name, exception.Message);
            ServiceBusMetrics.DeadLetters.Add(1, ServiceBusMetrics.Queue(_name));
            await GiveUpAsync(() => _receiver.DeadLetterMessageAsync(message, Poison.Reason, Poison.Describe(exception)));
        }
        catch (Exception exception)
        {
            _logger.ReplyFailed(exception, _name);
            await GiveUpAsync(() => _receiver.AbandonMessageAsync(message));
        }
        finally
        {
            Interlocked.Decrement(ref _inHand);
        }
    }

    private async Task GiveUpAsync(Func<Task> settle)
    {
        try
        {
            await settle();
        }
        catch (Exception exception) when (exception is ServiceBusException or ObjectDisposedException)
        {
            _logger.ReplyFailed(exception, _name);
        }
    }
}

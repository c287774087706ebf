using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>One reply queue and the loop that reads it. Disposing deletes the queue if it was a private inbox.</summary>
internal sealed class ReplyInbox : IAsyncDisposable
{
    private const int MaxAtOnce = 64;
    private const int MaxInHand = 256;
    private readonly string _name;
    private readonly Func<StageReply, ValueTask> _received;
    private readonly ServiceBusConnection _connection;
    private readonly QueueMaker _maker;
    private readonly Envelope _envelope;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public ReplyInbox(
        string name, Func<StageReply, ValueTask> received, ServiceBusConnection connection, QueueMaker maker, Envelope envelope,
        ServiceBusOptions options, TimeProvider time, ILogger logger)
    {
        (_name, _received, _connection, _maker, _envelope, _options, _time, _logger) = (name, received, connection, maker, envelope, options, time, logger);
        _loop = LoopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
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

    private async Task LoopAsync()
    {
        await Task.Yield();
        await using var receiver = _connection.Client.CreateReceiver(_name);
        var isMade = false;
        var taking = new HashSet<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                isMade = isMade || await _maker.TryMakeAsync(_name, _stop.Token);
                var messages = await ServiceBusMetrics.MeasureAsync("receive", _name, _time, () => receiver.ReceiveMessagesAsync(MaxAtOnce, _options.ReceiveWait, _stop.Token));
                // The next replies are not kept waiting while these are settled.
                taking.RemoveWhere(static t => t.IsCompleted);
                taking.UnionWith(messages.Select(m => TakeAsync(receiver, m)));
                if (taking.Count >= MaxInHand)
                    await Task.WhenAny(taking);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                isMade &= exception is not ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound };
                _logger.ReceiveFailed(exception, _name);
                await Task.Delay(_options.Pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(taking);
    }

    private async Task TakeAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        try
        {
            await _received(await _envelope.OpenReplyAsync(message, _stop.Token));
            await receiver.CompleteMessageAsync(message, CancellationToken.None);
            await _envelope.DiscardAsync(message);
        }
        catch (FormatException exception)
        {
            _logger.Poisoned(message.MessageId, _name, exception.Message);
            ServiceBusMetrics.DeadLetters.Add(1, ServiceBusMetrics.Queue(_name));
            await GiveUpAsync(() => receiver.DeadLetterMessageAsync(message, Poison.Reason, Poison.Describe(exception)));
        }
        catch (Exception exception)
        {
            _logger.ReplyFailed(exception, _name);
            await GiveUpAsync(() => receiver.AbandonMessageAsync(message));
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

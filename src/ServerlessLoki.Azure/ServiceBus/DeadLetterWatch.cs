using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Looks at a queue's dead letters now and then, and tells the queries that still wait for them. The letters stay, for people.</summary>
/// <remarks>Each process that serves the queue does so; to be told twice does no harm.</remarks>
internal sealed class DeadLetterWatch : IAsyncDisposable
{
    private const int MaxAtOnce = 100;
    private readonly string _queue;
    private readonly string _owner;
    private readonly ServiceBusReceiver _letters;
    private readonly IStageReplies _replies;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _next;

    public DeadLetterWatch(
        string queue, string owner, ServiceBusConnection connection, IStageReplies replies, ServiceBusOptions options, TimeProvider time, ILogger logger)
    {
        (_queue, _owner, _replies, _options, _time, _logger) = (queue, owner, replies, options, time, logger);
        _letters = connection.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        _loop = LoopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _letters.DisposeAsync();
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_options.DeadLetterLook, _time, _stop.Token);
                await LookAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
            {
                // No queue, no letters.
            }
            catch (Exception exception)
            {
                _logger.DeadLettersFailed(exception, _queue);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        while (await _letters.PeekMessagesAsync(MaxAtOnce, _next, cancellationToken) is { Count: > 0 } letters)
        {
            foreach (var letter in letters)
            {
                // Whoever put poison aside has told its query.
                if (letter.DeadLetterReason != Poison.Reason)
                    await TellAsync(letter, cancellationToken);
                _next = letter.SequenceNumber + 1;
            }
        }
    }

    private async Task TellAsync(ServiceBusReceivedMessage letter, CancellationToken cancellationToken)
    {
        _logger.DeadLetterSeen(letter.MessageId, _queue, letter.DeadLetterReason, letter.DeadLetterErrorDescription);
        ServiceBusMetrics.DeadLetters.Add(1, ServiceBusMetrics.Queue(_queue));
        var error = $"No worker could serve message {letter.MessageId} of stage {_queue}: {letter.DeadLetterReason}. {letter.DeadLetterErrorDescription}";
        if (Envelope.FailureOf(letter, _owner, error) is var (replyTo, reply))
            await _replies.SendAsync(replyTo, reply, cancellationToken);
    }
}

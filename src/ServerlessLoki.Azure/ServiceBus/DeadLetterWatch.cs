using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Periodic check of a queue's dead letters, which fails the queries that still wait for them. The dead letters stay in the queue
/// for operators.</summary>
/// <remarks>Each process that serves the queue checks it, and each that starts finds earlier dead letters. A second failure report is
/// harmless, and dead letters that no query can wait for are ignored.</remarks>
internal sealed class DeadLetterWatch : IAsyncDisposable
{
    private const int MaxAtOnce = 100;

    /// <summary>Longest wait for a message; no run lasts longer (infra/README.md, <c>Loki__RunLimitSeconds</c>).</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private readonly string _queue;
    private readonly string _owner;
    private readonly ServiceBusReceiver _letters;
    private readonly IStageReplies _replies;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Sequence numbers of the dead letters at the last check. A dead letter keeps the number that it had as a message, so a new
    /// one may come before them.</summary>
    private readonly HashSet<long> _known = [];
    private bool _hasLooked;

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
        var here = new HashSet<long>();
        for (var next = 0L; await ServiceBusMetrics.MeasureAsync("peek", _queue, _time, () => _letters.PeekMessagesAsync(MaxAtOnce, next, cancellationToken)) is { Count: > 0 } letters; next = letters[^1].SequenceNumber + 1)
        {
            foreach (var letter in letters)
            {
                here.Add(letter.SequenceNumber);
                // The worker that put an unreadable message aside has told its query.
                if (!_known.Contains(letter.SequenceNumber) && letter.DeadLetterReason != Poison.Reason && (_hasLooked || IsWaitedFor(letter)))
                    await TellAsync(letter, cancellationToken);
                _known.Add(letter.SequenceNumber);
            }
        }

        _known.IntersectWith(here);
        _hasLooked = true;
    }

    /// <summary>Tests whether a query may still wait for a dead letter. An express message lives as long as its query; a run waits for
    /// <see cref="LongestWait"/> at most.</summary>
    private bool IsWaitedFor(ServiceBusReceivedMessage letter)
    {
        var age = _time.GetUtcNow() - letter.EnqueuedTime;
        return age < letter.TimeToLive && age < LongestWait;
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

using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Operations on the queues of one stage: pull, read, settle; without prefetching.</summary>
internal sealed class StageInlet(
    StageKey key, NatsLink link, QueueMaker maker, Envelope envelope, IStageItems items, IStageReplies replies, QueueOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Time after its deadline until which a message is still served, so that a worker can report that it is late.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>How much earlier than its wait a pull may end.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(500);
    private readonly StageSubjects _subjects = new(link.Names);
    private readonly INatsJSConsumer?[] _consumers = new INatsJSConsumer?[2];

    public string Queue { get; } = key.ToString();

    /// <summary>Pulls messages until as many have come as were asked for, or the wait is over. A missing queue is made.</summary>
    /// <exception cref="NatsJSException">The queue is gone: the next pull makes it again.</exception>
    public async Task PullAsync(QueueKind kind, int most, Action<INatsJSMsg<byte[]>> received, CancellationToken stop)
    {
        var consumer = Volatile.Read(ref _consumers[(int)kind]);
        if (consumer is null)
        {
            consumer = await link.Call.RunAsync("stage.open", token => maker.MakeQueueAsync(kind, key, token), stop);
            Volatile.Write(ref _consumers[(int)kind], consumer);
        }

        var epoch = link.Epoch;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, epoch);
        // On the server's clock, whatever this process goes by.
        var (start, left) = (TimeProvider.System.GetTimestamp(), most);
        try
        {
            await foreach (var message in consumer.FetchAsync<byte[]>(new NatsJSFetchOpts { MaxMsgs = most, Expires = options.PullWait }, cancellationToken: either.Token))
            {
                NatsMetrics.Received.Add(1, NatsMetrics.Queue(Queue));
                if (message.Metadata?.NumDelivered > 1)
                    NatsMetrics.Redelivered.Add(1, NatsMetrics.Queue(Queue));
                left--;
                received(message);
            }
        }
        catch (NatsException)
        {
            Volatile.Write(ref _consumers[(int)kind], null);
            throw;
        }

        stop.ThrowIfCancellationRequested();
        if (left <= 0 || (!epoch.IsCancellationRequested && TimeProvider.System.GetElapsedTime(start) >= options.PullWait - Early))
            return;
        Volatile.Write(ref _consumers[(int)kind], null);
        throw new NatsJSException($"The server ended a pull from {Queue} early: the queue is gone, or the connection broke.");
    }

    /// <summary>Reads the item of a message; null when there is nothing to serve, and the message is settled.</summary>
    public async Task<StageItem?> ReadAsync(INatsJSMsg<byte[]> message, CancellationToken cancellationToken)
    {
        var deliveries = (int)(message.Metadata?.NumDelivered ?? 1);
        if (deliveries > options.MaxDeliveries)
        {
            await PutAsideAsync(message, $"It was delivered {deliveries - 1} times, and no worker completed it.");
            return null;
        }

        while (true)
        {
            if (IsExpired(message))
            {
                NatsMetrics.Expired.Add(1, NatsMetrics.Queue(Queue));
                await CompleteAsync(message, cancellationToken);
                return null;
            }

            try
            {
                return await items.ItemOfAsync(await envelope.OpenMessageAsync(message.Data, message.Headers, cancellationToken), deliveries - 1, cancellationToken);
            }
            catch (FormatException exception)
            {
                await PutAsideAsync(message, exception.Message);
                return null;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The store is away: giving the message back would only use up its deliveries.
                logger.FetchFailed(exception, IdOf(message), Queue);
                await Task.Delay(options.Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Completes a message; where that fails it comes again.</summary>
    public async Task CompleteAsync(INatsJSMsg<byte[]> message, CancellationToken cancellationToken)
    {
        if (await SettleAsync(message, () => message.AckAsync(cancellationToken: cancellationToken)))
            await envelope.DiscardAsync(message.Headers);
    }

    /// <summary>Gives a message back: it comes again at once.</summary>
    public Task AbandonAsync(INatsJSMsg<byte[]> message) => SettleAsync(message, () => message.NakAsync());

    private static string IdOf(INatsJSMsg<byte[]> message) =>
        message.Headers is { } headers && headers.TryGetValue("Nats-Msg-Id", out var id) ? id.ToString() : "?";

    private bool IsExpired(INatsJSMsg<byte[]> message) => Envelope.DeadlineOf(message.Headers) is { } deadline && time.GetUtcNow() > deadline + Grace;

    private async Task<bool> SettleAsync(INatsJSMsg<byte[]> message, Func<ValueTask> settle)
    {
        var start = time.GetTimestamp();
        try
        {
            await settle();
        }
        catch (Exception exception) when (exception is NatsException or ObjectDisposedException or OperationCanceledException)
        {
            logger.SettleFailed(exception, IdOf(message), Queue);
            return false;
        }

        NatsMetrics.SettleMs.Record(time.GetElapsedTime(start).TotalMilliseconds, NatsMetrics.Queue(Queue));
        return true;
    }

    private async Task PutAsideAsync(INatsJSMsg<byte[]> message, string reason)
    {
        logger.PutAside(IdOf(message), Queue, reason);
        NatsMetrics.DeadLetters.Add(1, NatsMetrics.Queue(Queue));
        try
        {
            // The query hears of it before the message is gone: after a crash between the two it is merely told again.
            if (Envelope.FailureOf(message.Headers, link.Name, $"Message {IdOf(message)} of stage {Queue} cannot be served: {reason}") is ({ Length: > 0 } replyTo, var reply))
                await replies.SendAsync(replyTo, reply, CancellationToken.None);
            await StoreAsync(message, reason);
            await message.AckTerminateAsync();
        }
        catch (Exception exception) when (exception is NatsException or TimeoutException or ObjectDisposedException)
        {
            logger.SettleFailed(exception, IdOf(message), Queue);
        }
    }

    private Task<bool> StoreAsync(INatsJSMsg<byte[]> message, string reason) => link.Call.RunAsync(
        "stage.dead",
        async stop =>
        {
            var headers = new NatsHeaders((message.Headers ?? []).ToDictionary(StringComparer.Ordinal)) { ["Loki-Reason"] = Uri.EscapeDataString(reason) };
            var publish = new NatsJSPubOpts { RetryAttempts = 1, RetryWaitBetweenAttempts = TimeSpan.Zero };
            try
            {
                return (await link.JetStream.PublishAsync(_subjects.Dead(key), message.Data, opts: publish, headers: headers, cancellationToken: stop)).Error is null;
            }
            catch (NatsJSPublishNoResponseException)
            {
                await maker.MakeDeadStreamAsync(stop);
                return (await link.JetStream.PublishAsync(_subjects.Dead(key), message.Data, opts: publish, headers: headers, cancellationToken: stop)).Error is null;
            }
        },
        CancellationToken.None);
}

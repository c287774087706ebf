using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Reader of an inbox, which confirms each reply after it was taken.</summary>
internal sealed class ReplyInbox : IAsyncDisposable
{
    /// <summary>Most replies that wait here; what does not fit is not confirmed and comes again.</summary>
    private const int Most = 65_536;
    private readonly string _subject;
    private readonly Func<StageReply, ValueTask> _received;
    private readonly NatsLink _link;
    private readonly Envelope _envelope;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Replies that are read at once: large ones are fetched from the payload store.</summary>
    private readonly SemaphoreSlim _free = new(256);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _disposed;

    public ReplyInbox(
        string subject, Func<StageReply, ValueTask> received, NatsLink link, Envelope envelope, QueueOptions options, TimeProvider time, ILogger logger)
    {
        (_subject, _received, _link, _envelope, _options, _time, _logger) = (subject, received, link, envelope, options, time, logger);
        _loop = LoopAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        var options = new NatsSubOpts { ChannelOpts = new NatsSubChannelOpts { Capacity = Most, FullMode = BoundedChannelFullMode.DropNewest } };
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // The client subscribes again by itself when it reconnects.
                await foreach (var message in _link.Connection.SubscribeAsync<byte[]>(_subject, opts: options, cancellationToken: stop))
                {
                    await _free.WaitAsync(stop);
                    _ = TakeAsync(message);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                _logger.InboxFailed(exception, _subject);
            }

            await Task.Delay(_options.Pause, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeAsync(NatsMsg<byte[]> message)
    {
        try
        {
            try
            {
                await _received(await _envelope.OpenReplyAsync(message.Data, message.Headers, CancellationToken.None));
            }
            catch (FormatException exception)
            {
                // It would be as unreadable the next time.
                _logger.ReplyUnreadable(_subject, exception.Message);
            }

            await message.ReplyAsync(cancellationToken: CancellationToken.None);
            await _envelope.DiscardAsync(message.Headers);
        }
        catch (Exception exception)
        {
            _logger.ReplyFailed(exception, _subject);
        }
        finally
        {
            _free.Release();
        }
    }
}

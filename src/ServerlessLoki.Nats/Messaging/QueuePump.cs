using Microsoft.Extensions.Logging;
using NATS.Client.JetStream;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Receiver loop of one queue: keeps as many messages asked for as there is room, by several pulls under way.</summary>
internal sealed class QueuePump : IAsyncDisposable
{
    private readonly StageInlet _inlet;
    private readonly QueueKind _kind;
    private readonly Func<int> _room;
    private readonly Action<INatsJSMsg<byte[]>> _received;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _asked;
    private volatile bool _isFaulty;

    /// <param name="inlet">Queue to pull from.</param>
    /// <param name="kind">Kind of the queue.</param>
    /// <param name="room">Returns how many messages have room, those that were asked for included.</param>
    /// <param name="received">Handles a message; its room is taken when the method returns.</param>
    /// <param name="options">Waits and pauses.</param>
    /// <param name="time">Clock of pauses.</param>
    /// <param name="logger">Logs faults.</param>
    public QueuePump(
        StageInlet inlet, QueueKind kind, Func<int> room, Action<INatsJSMsg<byte[]>> received, QueueOptions options, TimeProvider time, ILogger logger)
    {
        (_inlet, _kind, _room, _received, _options, _time, _logger) = (inlet, kind, room, received, options, time, logger);
        _loop = LoopAsync();
    }

    /// <summary>Signals that there may be more room.</summary>
    public void Changed()
    {
        lock (_changed)
        {
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }
    }

    /// <summary>Stops to pull. What comes all the same comes again, here or elsewhere.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _changed.Dispose();
    }

    private async Task LoopAsync()
    {
        var stop = _stop.Token;
        var pulls = new HashSet<Task>();
        await Task.Yield();
        try
        {
            while (true)
            {
                pulls.RemoveWhere(static p => p.IsCompleted);
                var (room, asked) = (_room(), Volatile.Read(ref _asked));
                // In large pieces: each pull costs a subscription and a request. While half of the room is asked for, nothing waits.
                if (room - asked is var more and > 0 && asked <= room / 2)
                {
                    Interlocked.Add(ref _asked, more);
                    pulls.Add(PullAsync(more, stop));
                }

                await _changed.WaitAsync(stop);
                if (!_isFaulty)
                    continue;
                await Task.Delay(_options.Pause, _time, stop);
                _isFaulty = false;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(pulls);
        }
    }

    private async Task PullAsync(int most, CancellationToken stop)
    {
        var left = most;
        try
        {
            await _inlet.PullAsync(_kind, most, Receive, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Closed.
        }
        catch (Exception exception)
        {
            // Once for all pulls that the same fault ends.
            if (!_isFaulty)
                _logger.ReceiveFailed(exception, _inlet.Queue);
            _isFaulty = true;
        }
        finally
        {
            Interlocked.Add(ref _asked, -Math.Max(0, left));
            if (!stop.IsCancellationRequested)
                Changed();
        }

        void Receive(INatsJSMsg<byte[]> message)
        {
            _received(message);
            // After its room was taken: otherwise one too many would be asked for. A pull that was repeated after a reconnection may bring
            // more than it was for.
            if (left-- > 0 && Interlocked.Decrement(ref _asked) == 0)
                Changed();
        }
    }
}

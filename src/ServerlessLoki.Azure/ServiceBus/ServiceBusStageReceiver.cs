using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Receiver of one stage queue: at most one batch is prefetched, ordered by deadline, and its locks are renewed.</summary>
/// <remarks>Count, head and taking are immediate; a pump fills the window behind them. What was taken stays locked until it is
/// settled, also after the window was closed.</remarks>
internal sealed partial class ServiceBusStageReceiver : IStageReceiver
{
    private readonly StageInlet _inlet;
    private readonly DeadLetterWatch _watch;
    private readonly Action _arrived;
    private readonly ServiceBusOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<ServiceBusStageReceiver> _ended;
    private readonly Lock _gate = new();
    private readonly PriorityQueue<HeldMessage, (long OrderUs, long Sequence)> _window = new();
    private readonly Dictionary<StageItem, HeldMessage> _taken = [];
    private readonly HashSet<HeldMessage> _held = [];
    private readonly CancellationTokenSource _stopCare = new();
    private readonly MessagePump _pump;
    private readonly Task _care;
    private long _headOrderUs = long.MaxValue;
    private volatile int _count;
    private volatile int _batchRows;
    private int _reading;
    private bool _isClosed;
    private Task? _end;

    public ServiceBusStageReceiver(
        StageInlet inlet, DeadLetterWatch watch, Action arrived, ServiceBusOptions options, TimeProvider time, ILogger logger, Action<ServiceBusStageReceiver> ended)
    {
        (_inlet, _watch, _arrived, _options, _time, _logger, _ended) = (inlet, watch, arrived, options, time, logger, ended);
        _batchRows = options.FirstWindow;
        _pump = inlet.Pump(Room, TakeInAsync);
        _care = CareAsync();
    }

    public int Count => _count;

    public long HeadOrderUs => Interlocked.Read(ref _headOrderUs);

    public void Expect(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        _batchRows = rows;
        _pump.Changed();
    }

    public void Take(int max, ICollection<StageItem> into)
    {
        lock (_gate)
        {
            while (max-- > 0 && _window.TryDequeue(out var held, out _))
            {
                held.IsTaken = true;
                _taken.Add(held.Item!, held);
                into.Add(held.Item!);
            }

            Publish();
        }

        _pump.Changed();
    }

    public async ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken)
    {
        if (Release(item) is { } held)
        {
            if (!held.IsLost)
                await _inlet.CompleteAsync(held.Message, cancellationToken);
            await Forget(held);
        }
    }

    public async ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken)
    {
        if (Release(item) is { } held)
        {
            if (!held.IsLost)
                await _inlet.AbandonAsync(held.Message);
            await Forget(held);
        }
    }

    /// <summary>Closes the receiver and returns its prefetched messages; those taken can still be settled.</summary>
    public async ValueTask DisposeAsync()
    {
        HeldMessage[] waiting;
        await _pump.DisposeAsync();
        await _watch.DisposeAsync();
        lock (_gate)
        {
            _isClosed = true;
            waiting = [.. _held.Where(static h => !h.IsTaken)];
            _held.ExceptWith(waiting);
            _window.Clear();
            Publish();
        }

        await Task.WhenAll(waiting.Select(h => _inlet.AbandonAsync(h.Message)));
        await EndWhenEmptyAsync();
    }

    /// <summary>Returns all messages and closes, for a process that stops.</summary>
    public async Task EndAsync()
    {
        await DisposeAsync();
        HeldMessage[] rest;
        lock (_gate)
        {
            rest = [.. _held];
            _held.Clear();
            _taken.Clear();
        }

        await Task.WhenAll(rest.Select(h => _inlet.AbandonAsync(h.Message)));
        await EndWhenEmptyAsync();
    }

    private HeldMessage? Release(StageItem item)
    {
        lock (_gate)
            return _taken.Remove(item, out var held) ? held : null;
    }

    /// <summary>Forgets a settled message. Its lock is renewed until the service has answered.</summary>
    private Task Forget(HeldMessage held)
    {
        lock (_gate)
            _held.Remove(held);
        return EndWhenEmptyAsync();
    }

    private Task EndWhenEmptyAsync()
    {
        lock (_gate)
        {
            if (_end is null && _isClosed && _held.Count == 0)
                _end = CloseAsync();
            return _end ?? Task.CompletedTask;
        }
    }

    private async Task CloseAsync()
    {
        await Task.Yield();
        await _stopCare.CancelAsync();
        await _care;
        await _inlet.DisposeAsync();
        _ended(this);
    }

    private void Publish()
    {
        _count = _window.Count;
        Interlocked.Exchange(ref _headOrderUs, _window.TryPeek(out _, out var priority) ? priority.OrderUs : long.MaxValue);
    }
}

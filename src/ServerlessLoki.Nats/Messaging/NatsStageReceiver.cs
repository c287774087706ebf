using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Receiver of one stage's queues: at most one batch of each kind is prefetched, ordered by deadline, and the server is told that
/// the work goes on.</summary>
/// <remarks>Count, head and taking are immediate; pumps fill the window behind them. What was taken stays held until it is settled, also
/// after the window was closed.</remarks>
internal sealed partial class NatsStageReceiver : IStageReceiver
{
    private readonly StageInlet _inlet;
    private readonly Action _arrived;
    private readonly QueueOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<NatsStageReceiver> _ended;
    private readonly Lock _gate = new();
    private readonly PriorityQueue<HeldMessage, (long OrderUs, ulong Sequence)> _window = new();
    private readonly Dictionary<StageItem, HeldMessage> _taken = [];
    private readonly HashSet<HeldMessage> _held = [];
    private readonly CancellationTokenSource _stopCare = new();
    private readonly CancellationTokenSource _stopReading = new();
    private readonly QueuePump[] _pumps = [];
    private readonly Task _care;
    private readonly int[] _waiting = new int[2];
    private long _headOrderUs = long.MaxValue;
    private volatile int _count;
    private volatile int _batchRows;
    private bool _isClosed;
    private Task? _end;

    public NatsStageReceiver(StageInlet inlet, Action arrived, QueueOptions options, TimeProvider time, ILogger logger, Action<NatsStageReceiver> ended)
    {
        (_inlet, _arrived, _options, _time, _logger, _ended) = (inlet, arrived, options, time, logger, ended);
        _batchRows = options.FirstWindow;
        _pumps = [.. ((QueueKind[])[QueueKind.Express, QueueKind.Durable]).Select(k => new QueuePump(inlet, k, () => Room(k), m => Receive(k, m), options, time, logger))];
        _care = CareAsync();
    }

    public int Count => _count;

    public long HeadOrderUs => Interlocked.Read(ref _headOrderUs);

    public void Expect(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        _batchRows = rows;
        Changed();
    }

    public void Take(int max, ICollection<StageItem> into)
    {
        lock (_gate)
        {
            while (max-- > 0 && _window.TryDequeue(out var held, out _))
            {
                held.IsTaken = true;
                _waiting[(int)held.Kind]--;
                _taken.Add(held.Item!, held);
                into.Add(held.Item!);
            }

            Publish();
        }

        Changed();
    }

    public async ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken)
    {
        if (Release(item) is { } held)
        {
            await _inlet.CompleteAsync(held.Message, cancellationToken);
            await Forget(held);
        }
    }

    public async ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken)
    {
        if (Release(item) is { } held)
        {
            await _inlet.AbandonAsync(held.Message);
            await Forget(held);
        }
    }

    /// <summary>Closes the receiver and returns its prefetched messages; those taken can still be settled.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
        }

        foreach (var pump in _pumps)
            await pump.DisposeAsync();
        await _stopReading.CancelAsync();
        HeldMessage[] waiting;
        lock (_gate)
        {
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

    private void Changed()
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            foreach (var pump in _pumps)
                pump.Changed();
        }
    }

    private HeldMessage? Release(StageItem item)
    {
        lock (_gate)
            return _taken.Remove(item, out var held) ? held : null;
    }

    /// <summary>Forgets a settled message.</summary>
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
        _stopCare.Dispose();
        _stopReading.Dispose();
        _ended(this);
    }

    private void Publish()
    {
        _count = _window.Count;
        Interlocked.Exchange(ref _headOrderUs, _window.TryPeek(out _, out var priority) ? priority.OrderUs : long.MaxValue);
    }
}

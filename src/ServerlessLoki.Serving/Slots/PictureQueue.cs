using System.Runtime.InteropServices;
using ServerlessLoki.Batching;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Queue of images that wait to be decoded, ordered by deadline. Thread-safe; the costs are read without the lock.</summary>
internal sealed class PictureQueue
{
    private readonly PriorityQueue<Entry, (long OrderUs, long Sequence)> _entries = new();
    private readonly DueTimes _due = new();
    private readonly Lock _gate = new();
    private long _sequence;
    private volatile int _count;

    // Whole nanoseconds: sums do not drift.
    private long _costNs;
    private long _decodingNs;
    private long[] _costOfNs = [];

    public int Count => _count;

    /// <summary>Cost of the images that were taken and are not <see cref="Done"/> yet, microseconds.</summary>
    public double DecodingUs => Interlocked.Read(ref _decodingNs) / 1000.0;

    public void Add(StageItem item, double decodeUs, double costUs)
    {
        var entry = new Entry(item, decodeUs, (long)(costUs * 1000));
        lock (_gate)
        {
            _entries.Enqueue(entry, (item.Scope.OrderUs, _sequence++));
            _due.Add(item.Scope.OrderUs);
            Wait(item.Scope.Pipeline, entry.CostNs);
        }
    }

    /// <summary>Returns the image that is due first; null when there is none. An earlier one may arrive at any time.</summary>
    public Entry? Peek()
    {
        if (_count == 0)
            return null;
        lock (_gate)
            return _entries.TryPeek(out var entry, out _) ? entry : null;
    }

    /// <summary>Takes the image that is due first; call <see cref="Done"/> afterwards.</summary>
    /// <exception cref="InvalidOperationException">The queue is empty.</exception>
    public Entry Take()
    {
        lock (_gate)
        {
            var entry = _entries.Dequeue();
            _due.RemoveFirst();
            // In this order: a reader sees it here or there.
            Interlocked.Add(ref _decodingNs, entry.CostNs);
            Wait(entry.Item.Scope.Pipeline, -entry.CostNs);
            return entry;
        }
    }

    /// <summary>Records that an image that was taken is decoded, or dropped.</summary>
    public void Done(in Entry entry) => Interlocked.Add(ref _decodingNs, -entry.CostNs);

    /// <summary>Returns the cost of the work that waits before a new arrival of this order, microseconds.</summary>
    /// <param name="orderUs">Place of the arrival in the queues, see <see cref="QueryScope.OrderUs"/>.</param>
    /// <param name="pipeline">Pipeline to count; null = all.</param>
    public double CostBeforeUs(long orderUs, int? pipeline = null)
    {
        var (count, costNs) = (_count, pipeline is { } p ? CostOf(p) : Interlocked.Read(ref _costNs));
        var after = count == 0 ? 0 : Math.Min(count, _due.CountAfter(orderUs));
        return after == 0 ? costNs / 1000.0 : costNs / 1000.0 * (count - after) / count;
    }

    private long CostOf(int pipeline)
    {
        var costs = Volatile.Read(ref _costOfNs);
        return pipeline < costs.Length ? Interlocked.Read(ref costs[pipeline]) : 0;
    }

    private void Wait(int pipeline, long costNs)
    {
        if (pipeline >= _costOfNs.Length)
        {
            var larger = new long[pipeline + 1];
            _costOfNs.CopyTo(larger, 0);
            Volatile.Write(ref _costOfNs, larger);
        }

        Interlocked.Add(ref _costOfNs[pipeline], costNs);
        Interlocked.Add(ref _costNs, costNs);
        _count = _entries.Count;
    }

    /// <summary>Image that waits.</summary>
    /// <param name="Item">Root item of the image's query.</param>
    /// <param name="DecodeUs">Expected decoding time, microseconds.</param>
    /// <param name="CostNs">Decoding time and the query's later cost, nanoseconds.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Entry(StageItem Item, double DecodeUs, long CostNs);
}

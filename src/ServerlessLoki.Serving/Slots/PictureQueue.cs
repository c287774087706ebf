using System.Runtime.InteropServices;
using ServerlessLoki.Batching;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Pictures that wait to be decoded, the one that is due first in front. Guarded by its <see cref="ComputeDevice"/>.</summary>
internal sealed class PictureQueue
{
    private readonly PriorityQueue<Entry, (long OrderUs, long Sequence)> _entries = new();
    private readonly DueTimes _due = new();
    private long _sequence;
    private readonly Dictionary<int, double> _costOfUs = [];
    private double _costUs;

    public int Count => _entries.Count;

    /// <summary>The head and what it was added with.</summary>
    public Entry Head => _entries.Peek();

    public void Add(StageItem item, double decodeUs, double costUs)
    {
        _entries.Enqueue(new Entry(item, decodeUs, costUs), (item.Scope.OrderUs, _sequence++));
        _due.Add(item.Scope.OrderUs);
        _costUs += costUs;
        CollectionsMarshal.GetValueRefOrAddDefault(_costOfUs, item.Scope.Pipeline, out _) += costUs;
    }

    public Entry Take()
    {
        var entry = _entries.Dequeue();
        _due.RemoveFirst();
        // Sums of doubles drift: an empty queue has no cost.
        _costUs = Count == 0 ? 0 : _costUs - entry.CostUs;
        if (Count == 0)
            _costOfUs.Clear();
        else
            CollectionsMarshal.GetValueRefOrAddDefault(_costOfUs, entry.Item.Scope.Pipeline, out _) -= entry.CostUs;
        return entry;
    }

    /// <summary>Cost of what waits before a new arrival of this order, microseconds.</summary>
    /// <param name="orderUs">The arrival's place.</param>
    /// <param name="pipeline">Count this pipeline's only; null = all.</param>
    public double CostBeforeUs(long orderUs, int? pipeline = null)
    {
        var costUs = pipeline is { } p ? _costOfUs.GetValueOrDefault(p) : _costUs;
        var after = _due.CountAfter(orderUs);
        return after == 0 ? costUs : costUs * (Count - after) / Count;
    }

    /// <summary>A picture that waits.</summary>
    /// <param name="Item">The root item of its query.</param>
    /// <param name="DecodeUs">Expected time to decode it.</param>
    /// <param name="CostUs">The same, and what the query costs afterwards.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Entry(StageItem Item, double DecodeUs, double CostUs);
}

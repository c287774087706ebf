using ServerlessLoki.Batching;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Embedded;

/// <summary>Queue ordered by deadline. Thread-safe; counts and head are read without the lock.</summary>
internal sealed class InProcessStageQueue
{
    private readonly PriorityQueue<StageItem, (long Order, long Sequence)> _items = new();
    private readonly DueTimes _due = new();
    private readonly Lock _gate = new();
    private Action? _arrived;
    private long _sequence;
    private long _headOrderUs = long.MaxValue;
    private volatile int _count;
    private volatile int _particular;

    public int Count => _count;

    public long HeadOrderUs => Interlocked.Read(ref _headOrderUs);

    /// <summary>Whether an item waits for which it matters what runs.</summary>
    public bool HasParticular => _particular > 0;

    /// <summary>Counts the items that come after a given order key.</summary>
    public int CountAfter(long orderUs) => _due.CountAfter(orderUs);

    public void Subscribe(Action arrived)
    {
        lock (_gate)
            _arrived += arrived;
        if (Count > 0)
            arrived();
    }

    public void Unsubscribe(Action arrived)
    {
        lock (_gate)
            _arrived -= arrived;
    }

    /// <summary>Adds an item; false when there is no receiver, since the item would then wait forever.</summary>
    public bool TryAdd(StageItem item) => Add(item, isNew: true);

    /// <summary>Adds an item that was taken before. Its receiver may have left since, and looks a last time.</summary>
    public void PutBack(StageItem item) => Add(item, isNew: false);

    private bool Add(StageItem item, bool isNew)
    {
        Action? arrived;
        lock (_gate)
        {
            if (isNew && _arrived is null)
                return false;
            // The sequence keeps equal deadlines first in, first out.
            _items.Enqueue(item, (item.Scope.OrderUs, _sequence++));
            _due.Add(item.Scope.OrderUs);
            _particular += item.Scope.IsParticular ? 1 : 0;
            Publish();
            arrived = _arrived;
        }

        arrived?.Invoke();
        return true;
    }

    public void Take(int max, ICollection<StageItem> into)
    {
        lock (_gate)
        {
            while (max-- > 0 && _items.TryDequeue(out var item, out _))
            {
                _due.RemoveFirst();
                _particular -= item.Scope.IsParticular ? 1 : 0;
                into.Add(item);
            }

            Publish();
        }
    }

    /// <summary>Shows the first items. Few queries need it, so it may take them out and put them back.</summary>
    public void Peek(int max, ICollection<StageItem> into)
    {
        lock (_gate)
        {
            var seen = new List<(StageItem Item, (long Order, long Sequence) Priority)>();
            while (max-- > 0 && _items.TryDequeue(out var item, out var priority))
                seen.Add((item, priority));
            foreach (var (item, priority) in seen)
            {
                _items.Enqueue(item, priority);
                into.Add(item);
            }
        }
    }

    private void Publish()
    {
        _count = _items.Count;
        Interlocked.Exchange(ref _headOrderUs, _items.TryPeek(out _, out var priority) ? priority.Order : long.MaxValue);
    }
}

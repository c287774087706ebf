namespace ServerlessLoki.Batching;

/// <summary>When the rows of one queue are due.</summary>
/// <remarks>Queues go by deadline, so rows that are due later do not stand before a new query, and its admission leaves them out. A
/// sorted array with a moving head: counting is a search, and taking is free. Not thread-safe.</remarks>
public sealed class DueTimes
{
    private long[] _dueUs = [];
    private int _head;
    private int _tail;

    /// <summary>Rows in the queue.</summary>
    public int Count => _tail - _head;

    /// <summary>When the last row is due; <see cref="long.MinValue"/> without rows.</summary>
    public long LastUs => _head == _tail ? long.MinValue : _dueUs[_tail - 1];

    /// <summary>A row entered the queue.</summary>
    public void Add(long dueUs)
    {
        if (_tail == _dueUs.Length)
            MakeRoom();
        var at = FirstAfter(dueUs);
        Array.Copy(_dueUs, at, _dueUs, at + 1, _tail - at);
        _dueUs[at] = dueUs;
        _tail++;
    }

    /// <summary>The row that is due first left the queue.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void RemoveFirst()
    {
        if (_head == _tail)
            throw new InvalidOperationException("No row is in the queue.");
        _head++;
        if (_head == _tail)
            (_head, _tail) = (0, 0);
    }

    /// <summary>Rows that are due later than a moment.</summary>
    public int CountAfter(long us) => _tail - FirstAfter(us);

    private int FirstAfter(long us)
    {
        int low = _head, high = _tail;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_dueUs[middle] > us)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void MakeRoom()
    {
        var count = Count;
        var rows = count >= _dueUs.Length / 2 ? new long[Math.Max(16, 2 * _dueUs.Length)] : _dueUs;
        Array.Copy(_dueUs, _head, rows, 0, count);
        (_dueUs, _head, _tail) = (rows, 0, count);
    }
}

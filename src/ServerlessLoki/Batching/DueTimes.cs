namespace ServerlessLoki.Batching;

/// <summary>Due times of the rows in one queue.</summary>
/// <remarks>Queues go by deadline, so rows that are due later do not delay a new query, and its admission leaves them out. A sorted array
/// with a moving head: counting is a search, and taking is free. Only one thread at a time adds and takes; any thread counts without a
/// lock. Rows move only into a new copy, and a count in a replaced copy is repeated.</remarks>
public sealed class DueTimes
{
    private readonly Rows[] _copies = [new(), new()];
    private long _version;

    /// <summary>Rows in the queue.</summary>
    public int Count => Current.Count;

    private Rows Current => _copies[Volatile.Read(ref _version) & 1];

    private Rows Spare => _copies[(_version + 1) & 1];

    /// <summary>Adds a row that entered the queue.</summary>
    public void Add(long dueUs)
    {
        if (Current.TryAppend(dueUs))
            return;
        Spare.CopyWith(Current, dueUs);
        // A full fence: nothing is written into the copy before until everybody can see that it was replaced.
        Interlocked.Increment(ref _version);
    }

    /// <summary>The row that is due first left the queue.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void RemoveFirst()
    {
        if (Count == 0)
            throw new InvalidOperationException("No row is in the queue.");
        Current.RemoveFirst();
    }

    /// <summary>Counts the rows that are due later than a given time.</summary>
    public int CountAfter(long us)
    {
        while (true)
        {
            var version = Volatile.Read(ref _version);
            var count = _copies[version & 1].CountAfter(us);
            Volatile.ReadBarrier();
            if (Volatile.Read(ref _version) == version)
                return count;
        }
    }

    /// <summary>One version of the array. Cells, once written, do not change within a version.</summary>
    private sealed class Rows
    {
        private long[] _dueUs = new long[16];
        private int _head;
        private int _tail;

        public int Count => _tail - _head;

        /// <summary>Appends a row; false where the array is full or the row is due before the last one.</summary>
        public bool TryAppend(long dueUs)
        {
            if (_tail == _dueUs.Length || (Count > 0 && _dueUs[_tail - 1] > dueUs))
                return false;
            _dueUs[_tail] = dueUs;
            Volatile.Write(ref _tail, _tail + 1);
            return true;
        }

        public void RemoveFirst() => Volatile.Write(ref _head, _head + 1);

        public void CopyWith(Rows other, long dueUs)
        {
            var (count, before) = (other.Count, other.Count - other.CountAfter(dueUs));
            if (2 * (count + 1) > _dueUs.Length)
                _dueUs = new long[4 * (count + 1)];
            Array.Copy(other._dueUs, other._head, _dueUs, 0, before);
            _dueUs[before] = dueUs;
            Array.Copy(other._dueUs, other._head + before, _dueUs, before + 1, count - before);
            (_head, _tail) = (0, count + 1);
        }

        /// <summary>Counts the rows that are due later than a given time. The result counts only if this copy was not replaced meanwhile;
        /// reads stay within the array's bounds.</summary>
        public int CountAfter(long us)
        {
            var rows = Volatile.Read(ref _dueUs);
            var tail = Math.Min(Volatile.Read(ref _tail), rows.Length);
            int low = Math.Min(Volatile.Read(ref _head), tail), high = tail;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (rows[middle] > us)
                    high = middle;
                else
                    low = middle + 1;
            }

            return tail - low;
        }
    }
}

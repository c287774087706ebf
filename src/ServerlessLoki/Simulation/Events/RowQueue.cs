using System.Runtime.CompilerServices;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Queue of rows in order of their deadlines, first in first out among equals.</summary>
/// <remarks>A sorted array with a moving head: rows come nearly in order, so adding is mostly appending, and taking is free.
/// A row far out of order costs one block move.</remarks>
internal sealed class RowQueue
{
    private const int LinearSteps = 8;
    private (long OrderUs, int Row)[] _rows = new (long, int)[64];
    private int _head;
    private int _tail;

    public int Count => _tail - _head;

    public long HeadOrderUs => _rows[_head].OrderUs;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long orderUs, int row)
    {
        if (_tail == _rows.Length)
            MakeRoom();
        if (_tail == _head || _rows[_tail - 1].OrderUs <= orderUs)
            _rows[_tail++] = (orderUs, row);
        else
            Insert(orderUs, row);
    }

    /// <summary>Counts the rows that are due later than a given time.</summary>
    public int CountAfter(long us) => _tail == _head || _rows[_tail - 1].OrderUs <= us ? 0 : _tail - FirstAbove(us, _tail);

    /// <summary>A row that waits, from the head.</summary>
    public int Peek(int at) => _rows[_head + at].Row;

    public int Take() => _rows[_head++].Row;

    private void Insert(long orderUs, int row)
    {
        var at = _tail - 1;
        var steps = 0;
        while (at > _head && _rows[at - 1].OrderUs > orderUs)
        {
            at--;
            if (++steps < LinearSteps)
                continue;
            at = FirstAbove(orderUs, at);
            break;
        }

        Array.Copy(_rows, at, _rows, at + 1, _tail - at);
        _rows[at] = (orderUs, row);
        _tail++;
    }

    private int FirstAbove(long orderUs, int end)
    {
        int low = _head, high = end;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_rows[middle].OrderUs > orderUs)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private void MakeRoom()
    {
        var count = Count;
        if (count > _rows.Length / 2)
            Array.Resize(ref _rows, 2 * _rows.Length);
        if (_head > 0)
            Array.Copy(_rows, _head, _rows, 0, count);
        (_head, _tail) = (0, count);
    }
}

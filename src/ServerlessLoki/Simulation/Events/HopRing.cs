namespace ServerlessLoki.Simulation.Events;

/// <summary>Rows between two queues. All hops take equally long, so rows arrive in the order in which they left.</summary>
internal sealed class HopRing
{
    private (long AtUs, int Row)[] _rows = new (long, int)[64];
    private int _head;
    private int _count;

    public long NextUs => _count == 0 ? long.MaxValue : _rows[_head].AtUs;

    public void Add(long atUs, int row)
    {
        if (_count == _rows.Length)
        {
            var larger = new (long, int)[2 * _count];
            for (var i = 0; i < _count; i++)
                larger[i] = _rows[(_head + i) & (_rows.Length - 1)];
            (_rows, _head) = (larger, 0);
        }

        _rows[(_head + _count++) & (_rows.Length - 1)] = (atUs, row);
    }

    public int Take()
    {
        var row = _rows[_head].Row;
        _head = (_head + 1) & (_rows.Length - 1);
        _count--;
        return row;
    }
}

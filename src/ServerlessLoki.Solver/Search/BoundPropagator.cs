using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Search;

/// <summary>Bounds of the columns at the current node, with those that the rows imply. Bounds of integer columns are passed to the simplex
/// method; those implied for continuous columns only serve to imply further bounds.</summary>
internal sealed class BoundPropagator
{
    private const double Tolerance = 1e-7;

    private readonly LinearProgram _lp;
    private readonly bool[] _queued;
    private readonly int[] _queue;
    private int _head;
    private int _count;

    public BoundPropagator(LinearProgram lp)
    {
        _lp = lp;
        Lower = lp.Lower.AsSpan(0, lp.ColumnCount).ToArray();
        Upper = lp.Upper.AsSpan(0, lp.ColumnCount).ToArray();
        _queued = new bool[lp.RowCount];
        _queue = new int[Math.Max(1, lp.RowCount)];
    }

    public double[] Lower { get; }

    public double[] Upper { get; }

    /// <summary>Replaces all bounds; nothing is implied until <see cref="Propagate"/>.</summary>
    public void Load(double[] lower, double[] upper)
    {
        lower.CopyTo(Lower, 0);
        upper.CopyTo(Upper, 0);
        while (_count > 0)
            Dequeue();
    }

    /// <summary>Narrows a column's bounds and queues its rows.</summary>
    /// <returns>False when the bounds cross.</returns>
    public bool Tighten(int column, double lower, double upper)
    {
        var (low, high) = (Math.Max(lower, Lower[column]), Math.Min(upper, Upper[column]));
        if (low == Lower[column] && high == Upper[column])
            return true;
        (Lower[column], Upper[column]) = (low, high);
        if (low > high)
            return false;
        for (var k = _lp.Starts[column]; k < _lp.Starts[column + 1]; k++)
            Enqueue(_lp.Rows[k]);
        return true;
    }

    /// <summary>Queues every row.</summary>
    public void QueueAll()
    {
        for (var i = 0; i < _lp.RowCount; i++)
            Enqueue(i);
    }

    /// <summary>Processes the queue.</summary>
    /// <returns>False when some row cannot be satisfied.</returns>
    public bool Propagate()
    {
        // Continuous bounds may converge without end; the budget ends that.
        var budget = 20 + (4 * _lp.RowCount);
        while (_count > 0 && budget-- > 0)
        {
            if (!VisitRow(Dequeue()))
                return false;
        }

        return true;
    }

    private void Enqueue(int row)
    {
        if (_queued[row])
            return;
        _queued[row] = true;
        _queue[(_head + _count++) % _queue.Length] = row;
    }

    private int Dequeue()
    {
        var row = _queue[_head];
        _head = (_head + 1) % _queue.Length;
        _count--;
        _queued[row] = false;
        return row;
    }

    private bool VisitRow(int row)
    {
        var (rowLower, rowUpper) = (_lp.Lower[_lp.ColumnCount + row], _lp.Upper[_lp.ColumnCount + row]);
        var activity = default(RowActivity);
        for (var k = _lp.ByRowStarts[row]; k < _lp.ByRowStarts[row + 1]; k++)
        {
            var j = _lp.ByRowColumns[k];
            activity.Add(_lp.ByRowValues[k], Lower[j], Upper[j]);
        }

        var (least, leastInfinite, most, mostInfinite) = (activity.Least, activity.LeastInfinite, activity.Most, activity.MostInfinite);
        var slack = Tolerance * Math.Max(1, Math.Max(Math.Abs(least), Math.Abs(most)));
        if ((leastInfinite == 0 && least > rowUpper + slack) || (mostInfinite == 0 && most < rowLower - slack))
            return false;
        var checkUpper = !double.IsPositiveInfinity(rowUpper) && leastInfinite <= 1 && (mostInfinite > 0 || most > rowUpper);
        var checkLower = !double.IsNegativeInfinity(rowLower) && mostInfinite <= 1 && (leastInfinite > 0 || least < rowLower);
        if (!checkUpper && !checkLower)
            return true;
        for (var k = _lp.ByRowStarts[row]; k < _lp.ByRowStarts[row + 1]; k++)
        {
            var (j, a) = (_lp.ByRowColumns[k], _lp.ByRowValues[k]);
            if (Lower[j] == Upper[j])
                continue;
            var (low, high) = a > 0 ? (a * Lower[j], a * Upper[j]) : (a * Upper[j], a * Lower[j]);
            double from = double.NegativeInfinity, to = double.PositiveInfinity;
            if (checkUpper && (leastInfinite == 0 || double.IsInfinity(low)))
            {
                var limit = (rowUpper - (leastInfinite == 0 ? least - low : least)) / a;
                if (a > 0)
                    to = limit;
                else
                    from = limit;
            }

            if (checkLower && (mostInfinite == 0 || double.IsInfinity(high)))
            {
                var limit = (rowLower - (mostInfinite == 0 ? most - high : most)) / a;
                if (a > 0)
                    from = Math.Max(from, limit);
                else
                    to = Math.Min(to, limit);
            }

            if (!Imply(j, from, to))
                return false;
        }

        return true;
    }

    private bool Imply(int j, double from, double to)
    {
        if (_lp.IsInteger[j])
        {
            from = Math.Ceiling(from - 1e-6);
            to = Math.Floor(to + 1e-6);
            return (from <= Lower[j] && to >= Upper[j]) || Tighten(j, from, to);
        }

        // Small gains are not worth a wave of visits, and hide rounding errors.
        var width = Upper[j] - Lower[j];
        var gain = double.IsInfinity(width) ? 1e-3 : Math.Max(1e-6, 0.05 * width);
        if (from <= Lower[j] + gain)
            from = double.NegativeInfinity;
        if (to >= Upper[j] - gain)
            to = double.PositiveInfinity;
        if (double.IsInfinity(from) && double.IsInfinity(to))
            return true;
        if (Math.Max(from, Lower[j]) > Math.Min(to, Upper[j]))
            return Math.Max(from, Lower[j]) <= Math.Min(to, Upper[j]) + (Tolerance * Math.Max(1, Math.Abs(Upper[j])));
        return Tighten(j, from, to);
    }
}

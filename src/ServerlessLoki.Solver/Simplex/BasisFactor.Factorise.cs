namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class BasisFactor
{
    private readonly int[] _columnActive;
    private readonly int[] _rowActive;
    private readonly int[] _rowStart;
    private int[] _rowPositions;
    private readonly bool[] _rowDone;
    private readonly bool[] _positionDone;
    private readonly int[] _queue;
    private readonly double[] _work;
    private readonly int[] _touched;
    private readonly bool[] _isTouched;
    private readonly bool[] _nucleusRow;
    private int _step;

    /// <summary>
    /// Factors the basis of the variables in <paramref name="head"/>. Dependent columns are replaced in
    /// <paramref name="head"/> by logical variables of the rows left over.
    /// </summary>
    /// <returns>Number of columns replaced; 0 for a regular basis.</returns>
    public int Factorise(int[] head)
    {
        UpdateCount = 0;
        _lowerCount = 0;
        _step = 0;
        _upperStart[0] = 0;
        _lowerStart[0] = 0;
        Array.Clear(_rowDone);
        Array.Clear(_positionDone);
        Array.Clear(_nucleusRow);
        PivotLogicals(head);
        CountActive(head);
        PivotColumnSingletons(head);
        PivotRowSingletons(head);
        PivotNucleus(head);
        return Repair(head);
    }

    private void PivotLogicals(int[] head)
    {
        for (var p = 0; p < _rowCount; p++)
        {
            var row = head[p] - _lp.ColumnCount;
            if (row >= 0 && !_rowDone[row])
                Pivot(p, row, -1, _upperStart[_step]);
        }
    }

    private void CountActive(int[] head)
    {
        Array.Clear(_rowActive);
        var total = 0;
        for (var p = 0; p < _rowCount; p++)
        {
            _columnActive[p] = 0;
            if (_positionDone[p] || head[p] >= _lp.ColumnCount)
                continue;
            for (var k = _lp.Starts[head[p]]; k < _lp.Starts[head[p] + 1]; k++)
            {
                if (_rowDone[_lp.Rows[k]])
                    continue;
                _columnActive[p]++;
                _rowActive[_lp.Rows[k]]++;
                total++;
            }
        }

        if (_rowPositions.Length < total)
            _rowPositions = new int[2 * total];
        var sum = 0;
        for (var i = 0; i < _rowCount; i++)
        {
            sum += _rowActive[i];
            _rowStart[i] = sum;
        }

        _rowStart[_rowCount] = sum;
        for (var p = 0; p < _rowCount; p++)
        {
            if (_positionDone[p] || head[p] >= _lp.ColumnCount)
                continue;
            for (var k = _lp.Starts[head[p]]; k < _lp.Starts[head[p] + 1]; k++)
            {
                if (!_rowDone[_lp.Rows[k]])
                    _rowPositions[--_rowStart[_lp.Rows[k]]] = p;
            }
        }
    }

    private void PivotColumnSingletons(int[] head)
    {
        var count = 0;
        for (var p = 0; p < _rowCount; p++)
        {
            if (_columnActive[p] == 1)
                _queue[count++] = p;
        }

        while (count > 0)
        {
            var p = _queue[--count];
            if (_positionDone[p] || _columnActive[p] != 1)
                continue;
            var (row, value) = (-1, 0.0);
            var at = _upperStart[_step];
            EnsureUpper(at);
            for (var k = _lp.Starts[head[p]]; k < _lp.Starts[head[p] + 1]; k++)
            {
                if (!_rowDone[_lp.Rows[k]])
                {
                    (row, value) = (_lp.Rows[k], _lp.Values[k]);
                    continue;
                }

                _upperRow[at] = _lp.Rows[k];
                _upperValue[at++] = _lp.Values[k];
            }

            if (Math.Abs(value) < SingularTolerance)
                continue;
            Pivot(p, row, value, at);
            for (var k = _rowStart[row]; k < _rowStart[row + 1]; k++)
            {
                var other = _rowPositions[k];
                if (!_positionDone[other] && --_columnActive[other] == 1)
                    _queue[count++] = other;
            }
        }
    }

    private void PivotRowSingletons(int[] head)
    {
        Array.Clear(_rowActive);
        var count = 0;
        for (var i = 0; i < _rowCount; i++)
        {
            if (_rowDone[i])
                continue;
            for (var k = _rowStart[i]; k < _rowStart[i + 1]; k++)
                _rowActive[i] += _positionDone[_rowPositions[k]] ? 0 : 1;
            if (_rowActive[i] == 1)
                _queue[count++] = i;
        }

        while (count > 0)
        {
            var row = _queue[--count];
            if (_rowDone[row] || _rowActive[row] != 1)
                continue;
            var p = _rowPositions[_rowStart[row]];
            for (var k = _rowStart[row]; _positionDone[p]; k++)
                p = _rowPositions[k];
            if (!ScatterColumn(head[p], out var touched, out var at))
                continue;
            var (largest, value) = (0.0, _work[row]);
            for (var t = 0; t < touched; t++)
                largest = Math.Max(largest, Math.Abs(_work[_touched[t]]));

            // A relatively tiny pivot would blow up the multipliers; the nucleus may find a better one.
            if (Math.Abs(value) < 1e-3 * largest || Math.Abs(value) < SingularTolerance)
            {
                Unscatter(touched);
                continue;
            }

            for (var t = 0; t < touched; t++)
            {
                if (--_rowActive[_touched[t]] == 1)
                    _queue[count++] = _touched[t];
            }

            StoreLower(row, value, touched);
            Pivot(p, row, value, at);
        }
    }

    private void Pivot(int position, int row, double value, int upperEnd)
    {
        _positionDone[position] = true;
        _rowDone[row] = true;
        _pivotPosition[_step] = position;
        _pivotRow[_step] = row;
        _pivotValue[_step] = value;
        _upperStart[++_step] = upperEnd;
    }

    private int Repair(int[] head)
    {
        var replaced = 0;
        for (int p = 0, row = 0; p < _rowCount; p++)
        {
            if (_positionDone[p])
                continue;
            while (_rowDone[row])
                row++;
            head[p] = _lp.ColumnCount + row;
            Pivot(p, row, -1, _upperStart[_step]);
            replaced++;
        }

        return replaced;
    }

    private void EnsureUpper(int at)
    {
        if (at + _rowCount <= _upperRow.Length)
            return;
        Array.Resize(ref _upperRow, (2 * _upperRow.Length) + _rowCount);
        Array.Resize(ref _upperValue, _upperRow.Length);
    }
}

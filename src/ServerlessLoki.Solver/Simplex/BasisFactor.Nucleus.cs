namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class BasisFactor
{
    private void PivotNucleus(int[] head)
    {
        var count = 0;
        for (var p = 0; p < _rowCount; p++)
        {
            if (!_positionDone[p] && head[p] < _lp.ColumnCount)
                _queue[count++] = p;
        }

        if (count == 0)
            return;
        SortByCount(count);
        var firstLower = _lowerCount;
        for (var q = 0; q < count; q++)
        {
            var p = _queue[q];
            if (!ScatterColumn(head[p], out var touched, out var at))
                continue;
            for (var c = firstLower; c < _lowerCount; c++)
            {
                var pivotRow = _lowerPivotRow[c];
                var t = _work[pivotRow];
                if (t == 0)
                    continue;
                for (var k = _lowerStart[c]; k < _lowerStart[c + 1]; k++)
                {
                    var i = _lowerRow[k];
                    if (!_isTouched[i])
                    {
                        _isTouched[i] = true;
                        _touched[touched++] = i;
                    }

                    _work[i] -= _lowerValue[k] * t;
                }
            }

            // What lies in rows pivoted by the nucleus belongs to U; the rest may pivot.
            var largest = 0.0;
            var kept = 0;
            EnsureUpper(at);
            for (var t = 0; t < touched; t++)
            {
                var i = _touched[t];
                if (!_rowDone[i])
                {
                    largest = Math.Max(largest, Math.Abs(_work[i]));
                    _touched[kept++] = i;
                    continue;
                }

                if (Math.Abs(_work[i]) > 1e-16)
                {
                    _upperRow[at] = i;
                    _upperValue[at++] = _work[i];
                }

                _work[i] = 0;
                _isTouched[i] = false;
            }

            touched = kept;
            if (largest < SingularTolerance)
            {
                Unscatter(touched);
                continue;
            }

            var row = -1;
            for (var t = 0; t < touched; t++)
            {
                var i = _touched[t];
                if (Math.Abs(_work[i]) >= 0.1 * largest && (row < 0 || _rowActive[i] < _rowActive[row]))
                    row = i;
            }

            var value = _work[row];
            StoreLower(row, value, touched);
            Pivot(p, row, value, at);
            _nucleusRow[row] = true;
        }
    }

    // Insertion by buckets would pay only for nuclei of thousands of columns.
    private void SortByCount(int count)
    {
        for (var a = 1; a < count; a++)
        {
            var p = _queue[a];
            var b = a - 1;
            while (b >= 0 && _columnActive[_queue[b]] > _columnActive[p])
            {
                _queue[b + 1] = _queue[b];
                b--;
            }

            _queue[b + 1] = p;
        }
    }
}

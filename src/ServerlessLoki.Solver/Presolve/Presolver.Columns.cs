namespace ServerlessLoki.Solver.Presolve;

internal sealed partial class Presolver
{
    // A column that no row stops on its way to the bound that its cost prefers may as well be there.
    private void FixByLocks()
    {
        var (starts, rows, values) = (_starts, _rowIndices, _coefficients);
        for (var j = 0; j < _columns; j++)
        {
            if (_lower[j] == _upper[j])
                continue;
            var (downLocked, upLocked) = (_cost[j] < 0, _cost[j] > 0);
            for (var k = starts[j]; k < starts[j + 1]; k++)
            {
                var i = rows[k];
                if (_rowGone[i])
                    continue;
                var (below, above) = (!double.IsNegativeInfinity(_rowLower[i]), !double.IsPositiveInfinity(_rowUpper[i]));
                downLocked |= values[k] > 0 ? below : above;
                upLocked |= values[k] > 0 ? above : below;
            }

            if (!downLocked && !double.IsNegativeInfinity(_lower[j]))
                _upper[j] = _lower[j];
            else if (!upLocked && !double.IsPositiveInfinity(_upper[j]))
                _lower[j] = _upper[j];
            else
                continue;
            _changed = true;
        }
    }

    // Column k is dominated by j when a unit moved from k to j costs no more and eases every row. Then k stays at its
    // lower bound, provided that rows, not its own bound, are what limits j.
    private void FixDominated()
    {
        var (starts, rows) = (_starts, _rowIndices);
        var budget = 2_000_000L;
        for (var j = 0; j < _columns && budget > 0; j++)
        {
            if (_lower[j] == _upper[j] || !IsUpperImplied(j))
                continue;

            // Rivals share the shortest row of j; a rival outside all rows of j is left alone.
            var shortest = -1;
            for (var k = starts[j]; k < starts[j + 1]; k++)
            {
                var i = rows[k];
                if (!_rowGone[i] && (shortest < 0 || RowLength(i) < RowLength(shortest)))
                    shortest = i;
            }

            if (shortest < 0)
                continue;
            for (var t = _byRowStarts[shortest]; t < _byRowStarts[shortest + 1]; t++)
            {
                var k = _byRowColumns[t];
                budget -= starts[j + 1] - starts[j] + starts[k + 1] - starts[k];
                if (k == j || _lower[k] == _upper[k] || double.IsNegativeInfinity(_lower[k]) || !Dominates(j, k))
                    continue;
                _upper[k] = _lower[k];
                _changed = true;
            }
        }
    }

    private int RowLength(int row) => _byRowStarts[row + 1] - _byRowStarts[row];

    private bool Dominates(int j, int k)
    {
        if (_cost[j] > _cost[k] || (_program.IsInteger[j] && !_program.IsInteger[k]))
            return false;
        var (starts, rows, values) = (_starts, _rowIndices, _coefficients);
        var (a, b) = (starts[j], starts[k]);
        while (a < starts[j + 1] || b < starts[k + 1])
        {
            var (rowA, rowB) = (a < starts[j + 1] ? rows[a] : int.MaxValue, b < starts[k + 1] ? rows[b] : int.MaxValue);
            var row = Math.Min(rowA, rowB);
            var inJ = rowA == row ? values[a++] : 0;
            var inK = rowB == row ? values[b++] : 0;
            if (_rowGone[row])
                continue;
            if ((inJ > inK && !double.IsPositiveInfinity(_rowUpper[row])) || (inJ < inK && !double.IsNegativeInfinity(_rowLower[row])))
                return false;
        }

        // An integer j must be able to take all that a fractional lower bound of k leaves over.
        return !_program.IsInteger[j] || _lower[k] == Math.Floor(_lower[k]);
    }

    private bool IsUpperImplied(int j)
    {
        if (double.IsPositiveInfinity(_upper[j]))
            return true;
        var (starts, rows, values) = (_starts, _rowIndices, _coefficients);
        for (var k = starts[j]; k < starts[j + 1]; k++)
        {
            var i = rows[k];
            if (_rowGone[i])
                continue;
            var side = values[k] > 0 ? _rowUpper[i] : _rowLower[i];
            if (double.IsInfinity(side))
                continue;
            var others = 0.0;
            for (var t = _byRowStarts[i]; t < _byRowStarts[i + 1]; t++)
            {
                var (c, a) = (_byRowColumns[t], _byRowValues[t]);
                if (c != j)
                    others += a > 0 == values[k] > 0 ? a * _lower[c] : a * _upper[c];
            }

            var implied = (side - others) / values[k];
            if (implied <= _upper[j] + (_program.IsInteger[j] ? 1 - 1e-6 : 0))
                return true;
        }

        return false;
    }
}

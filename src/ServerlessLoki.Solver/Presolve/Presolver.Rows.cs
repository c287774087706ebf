namespace ServerlessLoki.Solver.Presolve;

internal sealed partial class Presolver
{
    private void VisitRow(int row)
    {
        var activity = default(RowActivity);
        var (live, last) = (0, -1);
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            var j = _byRowColumns[k];
            if (_lower[j] < _upper[j])
                (live, last) = (live + 1, k);
            activity.Add(_byRowValues[k], _lower[j], _upper[j]);
        }

        var (least, leastInfinite, most, mostInfinite) = (activity.Least, activity.LeastInfinite, activity.Most, activity.MostInfinite);
        var (lower, upper) = (_rowLower[row], _rowUpper[row]);
        var slack = Tolerance * Math.Max(1, Math.Max(Math.Abs(least), Math.Abs(most)));
        if ((leastInfinite == 0 && least > upper + slack) || (mostInfinite == 0 && most < lower - slack))
        {
            // Too close to call: leave the row to the simplex method.
            if ((leastInfinite == 0 && least > upper + (100 * slack)) || (mostInfinite == 0 && most < lower - (100 * slack)) || live == 0)
                _infeasible = true;
            return;
        }

        var neverAbove = mostInfinite == 0 && most <= upper + (1e-3 * slack);
        var neverBelow = leastInfinite == 0 && least >= lower - (1e-3 * slack);
        if (neverAbove)
            _rowUpper[row] = upper = double.PositiveInfinity;
        if (neverBelow)
            _rowLower[row] = lower = double.NegativeInfinity;
        if (live == 0 || (double.IsInfinity(lower) && double.IsInfinity(upper)))
        {
            Remove(row);
        }
        else if (live == 1)
        {
            BoundSingleton(row, last);
        }
        else if (leastInfinite == 0 && least >= upper - (1e-3 * slack))
        {
            Force(row, atLeast: true);
        }
        else if (mostInfinite == 0 && most <= lower + (1e-3 * slack))
        {
            Force(row, atLeast: false);
        }
        else
        {
            TightenIntegers(row, (least, leastInfinite), (most, mostInfinite));
        }
    }

    private void Remove(int row)
    {
        _rowGone[row] = true;
        _changed = true;
    }

    private void BoundSingleton(int row, int at)
    {
        var (j, a) = (_byRowColumns[at], _byRowValues[at]);
        var rest = 0.0;
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            if (k != at)
                rest += _byRowValues[k] * _lower[_byRowColumns[k]];
        }

        var (low, high) = ((_rowLower[row] - rest) / a, (_rowUpper[row] - rest) / a);
        if (a < 0)
            (low, high) = (high, low);
        Tighten(j, low, high);
        Remove(row);
    }

    private void Force(int row, bool atLeast)
    {
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            var j = _byRowColumns[k];
            var x = _byRowValues[k] > 0 == atLeast ? _lower[j] : _upper[j];
            (_lower[j], _upper[j]) = (x, x);
        }

        Remove(row);
    }

    private void TightenIntegers(int row, (double Sum, int Infinite) least, (double Sum, int Infinite) most)
    {
        var integer = _program.IsInteger;
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            var (j, a) = (_byRowColumns[k], _byRowValues[k]);
            if (!integer[j] || _lower[j] == _upper[j])
                continue;
            var (low, high) = a > 0 ? (a * _lower[j], a * _upper[j]) : (a * _upper[j], a * _lower[j]);
            var othersLeast = Without(least, low);
            var othersMost = Without(most, high);
            var (from, to) = ((_rowLower[row] - othersMost) / a, (_rowUpper[row] - othersLeast) / a);
            if (a < 0)
                (from, to) = (to, from);
            Tighten(j, from, to);

            // The activities above are those of the old bounds: wider, hence still valid for the next columns.
        }
    }

    private static double Without((double Sum, int Infinite) activity, double term)
    {
        if (double.IsInfinity(term))
            return activity.Infinite == 1 ? activity.Sum : term;
        return activity.Infinite == 0 ? activity.Sum - term : double.NaN;
    }

    private void Tighten(int j, double low, double high)
    {
        if (_program.IsInteger[j])
        {
            low = Math.Ceiling(low - 1e-6);
            high = Math.Floor(high + 1e-6);
        }

        if (low > _lower[j] + Tolerance)
        {
            _lower[j] = low;
            _changed = true;
        }

        if (high < _upper[j] - Tolerance)
        {
            _upper[j] = high;
            _changed = true;
        }

        var scale = Math.Max(1, Math.Abs(_upper[j]));
        if (_lower[j] > _upper[j] + (1e-7 * scale))
            _infeasible = true;
        else if (_lower[j] > _upper[j])
            _lower[j] = _upper[j];
    }
}

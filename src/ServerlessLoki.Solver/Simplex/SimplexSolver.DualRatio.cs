namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
    private int ChooseLeaving()
    {
        var (best, score) = (-1, 0.0);
        for (var p = 0; p < _rows; p++)
        {
            var j = _head[p];
            var x = _value[j];
            var broken = x < Lower[j] ? Lower[j] - x : x - Upper[j];
            if (broken <= FeasibilityTolerance)
                continue;
            var s = broken * broken;
            if (s > score * _weight[p])
            {
                score = s / _weight[p];
                best = p;
            }
        }

        return best;
    }

    // Bound-flipping ratio test: walk over break points in groups of nearly equal ratio while the leaving variable stays
    // infeasible, then take the largest pivot of the last group. _candidates[0..flips) are the variables passed over.
    private int ChooseEntering(int leaving, bool toUpper, out int flips)
    {
        flips = 0;
        var sign = toUpper ? 1.0 : -1.0;
        var count = 0;
        for (var t = 0; t < _pivotRowCount; t++)
        {
            var j = _pivotRowIndex[t];
            var a = sign * _pivotRow[j];
            if (Math.Abs(a) <= DualTolerance || Lower[j] == Upper[j])
                continue;
            if (_status[j] == VariableStatus.Free || (_status[j] == VariableStatus.AtLower ? a > 0 : a < 0))
                _candidates[count++] = j;
        }

        var slope = toUpper ? _value[leaving] - Upper[leaving] : Lower[leaving] - _value[leaving];
        var (chosen, chosenSize, chosenFlips) = (-1, 0.0, 0);
        var first = 0;
        while (first < count)
        {
            var reach = double.PositiveInfinity;
            for (var t = first; t < count; t++)
            {
                var j = _candidates[t];
                reach = Math.Min(reach, (Math.Abs(_reduced[j]) + DualTolerance) / Math.Abs(_pivotRow[j]));
            }

            var (last, best, bestSize) = (first, -1, 0.0);
            for (var t = first; t < count; t++)
            {
                var j = _candidates[t];
                var size = Math.Abs(_pivotRow[j]);
                if (Math.Abs(_reduced[j]) > reach * size)
                    continue;
                if (size > bestSize)
                    (best, bestSize) = (j, size);
                slope -= size * (Upper[j] - Lower[j]);
                (_candidates[t], _candidates[last]) = (_candidates[last], j);
                last++;
            }

            // A far smaller pivot of a later group is not worth its longer step.
            if (chosen < 0 || bestSize > 1e-3 * chosenSize || chosenSize < PivotTolerance)
                (chosen, chosenSize, chosenFlips) = (best, bestSize, first);
            // Just reaching the bound is enough: without the tolerance, exact fits would look infeasible.
            if (slope <= FeasibilityTolerance)
            {
                flips = chosenFlips;
                return chosen;
            }

            first = last;
        }

        return -1;
    }
}

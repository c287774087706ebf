namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
    // Objective of the costs in use, and how much the original costs may fall short of it because of shifts.
    private double _dualObjective;
    private double _shiftPenalty;

    private LpStatus Dual(long end, double cutoff)
    {
        if (!_factored)
            Refactor();
        if (PlaceNonbasic() | MakeDualFeasible() | !_valuesAreFresh)
            ComputeBasicValues();
        ComputeDualObjective();
        var (degenerate, retried, refusals, fresh) = (0, false, 0, true);
        while (true)
        {
            if (_factor.UpdateCount >= _factor.UpdateLimit)
            {
                if (KeepFactor)
                    return LpStatus.IterationLimit;
                RefactorDual();
                fresh = true;
            }

            if (_dualObjective - _shiftPenalty > cutoff)
                return LpStatus.Cutoff;
            var position = ChooseLeaving();
            if (position < 0)
            {
                // Values drift with every update: only fresh ones prove feasibility. A trial proves nothing.
                if (fresh || KeepFactor)
                    return LpStatus.Optimal;
                ComputeReducedCosts();
                MakeDualFeasible();
                ComputeBasicValues();
                ComputeDualObjective();
                fresh = true;
                continue;
            }

            if (Iterations >= end || ((Iterations & 31) == 0 && Interrupt is { } stop && stop()))
                return LpStatus.IterationLimit;
            var leaving = _head[position];
            var toUpper = _value[leaving] > Upper[leaving];
            ComputePivotRow(position);
            var entering = ChooseEntering(leaving, toUpper, out var flips);
            if (entering < 0)
            {
                if (_factor.UpdateCount == 0 || retried)
                    return LpStatus.Infeasible;
                if (KeepFactor)
                    return LpStatus.IterationLimit;
                retried = true;
                RefactorDual();
                continue;
            }

            Image(entering, _image);
            var pivot = _image[position];
            var expected = _pivotRow[entering];
            if (Math.Abs(pivot) < PivotTolerance || Math.Abs(pivot - expected) > 1e-6 * (1 + Math.Abs(pivot)))
            {
                if (_factor.UpdateCount > 0)
                {
                    if (KeepFactor)
                        return LpStatus.IterationLimit;
                    RefactorDual();
                    continue;
                }

                if (Math.Abs(pivot) < DropTolerance || ++refusals > 50)
                    return LpStatus.Trouble;
            }

            (retried, fresh) = (false, false);
            Iterations++;
            var step = _reduced[entering] / pivot;
            if (Math.Abs(_reduced[entering]) < 1e-12)
                degenerate++;
            UpdateDual(position, leaving, entering, toUpper, flips, step);
            if (degenerate > 30 + (_rows / 4) && !_perturbed)
                Perturb();
        }
    }

    private void RefactorDual()
    {
        Refactor();
        MakeDualFeasible();
        ComputeBasicValues();
        ComputeDualObjective();
    }

    private void ComputeDualObjective()
    {
        _dualObjective = 0;
        for (var j = 0; j < _total; j++)
            _dualObjective += _cost[j] * _value[j];
    }

    // Boxed variables flip to the bound that their reduced cost asks for; the others get a cost that accepts where they are.
    // Returns whether any flipped.
    private bool MakeDualFeasible()
    {
        var flipped = false;
        for (var j = 0; j < _total; j++)
        {
            if (DualViolation(j) <= DualTolerance)
                continue;
            if (!double.IsInfinity(Lower[j]) && !double.IsInfinity(Upper[j]))
            {
                _status[j] = _status[j] == VariableStatus.AtLower ? VariableStatus.AtUpper : VariableStatus.AtLower;
                _value[j] = _status[j] == VariableStatus.AtLower ? Lower[j] : Upper[j];
                flipped = true;
                continue;
            }

            ShiftToZero(j);
        }

        return flipped;
    }

    private void ShiftToZero(int j)
    {
        Shift(j, -_reduced[j]);
        _reduced[j] = 0;
    }

    // Nonbasic columns only. Weak duality bounds what the shift may add to the objective by the column's largest value.
    private void Shift(int j, double change)
    {
        _cost[j] += change;
        _costsShifted = true;
        _dualObjective += change * _value[j];
        _shiftPenalty += Math.Abs(change) * Math.Max(Math.Abs(Lower[j]), Math.Abs(Upper[j]));
    }

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

    private void UpdateDual(int position, int leaving, int entering, bool toUpper, int flips, double step)
    {
        (_reducedIsFresh, _valuesAreFresh) = (false, false);
        FlipBounds(flips);
        UpdateWeights(position);

        _dualObjective += _reduced[entering] * (_value[leaving] - (toUpper ? Upper[leaving] : Lower[leaving])) / _image[position];
        UpdateReducedCosts(entering, step);
        _reduced[entering] = 0;
        _reduced[leaving] = -step;

        var target = toUpper ? Upper[leaving] : Lower[leaving];
        var move = (_value[leaving] - target) / _image[position];
        for (var p = 0; p < _rows; p++)
        {
            if (_image[p] != 0)
                _value[_head[p]] -= move * _image[p];
        }

        _value[entering] += move;
        _value[leaving] = target;
        _status[entering] = VariableStatus.Basic;
        _status[leaving] = toUpper ? VariableStatus.AtUpper : VariableStatus.AtLower;
        _head[position] = entering;
        _factor.Update(position, _image);

        if (DualViolation(leaving) > 0)
            ShiftToZero(leaving);
    }

    // Whoever Harris' tolerance let cross zero is shifted back to it.
    private void UpdateReducedCosts(int entering, double step)
    {
        for (var t = 0; t < _pivotRowCount; t++)
        {
            var j = _pivotRowIndex[t];
            var d = _reduced[j] - (step * _pivotRow[j]);
            _reduced[j] = d;
            if (Math.Abs(d) <= DualTolerance || j == entering)
                continue;
            var status = _status[j];
            if ((status == VariableStatus.AtLower ? d < 0 : status != VariableStatus.AtUpper || d > 0) && Lower[j] != Upper[j])
                ShiftToZero(j);
        }
    }

    private void FlipBounds(int flips)
    {
        if (flips == 0)
            return;
        for (var t = 0; t < flips; t++)
        {
            var j = _candidates[t];
            var up = _status[j] == VariableStatus.AtLower;
            var change = up ? Upper[j] - Lower[j] : Lower[j] - Upper[j];
            _status[j] = up ? VariableStatus.AtUpper : VariableStatus.AtLower;
            _value[j] = up ? Upper[j] : Lower[j];
            _dualObjective += _reduced[j] * change;
            if (j >= _columns)
            {
                _rowWork[j - _columns] -= change;
                continue;
            }

            for (var k = _lp.Starts[j]; k < _lp.Starts[j + 1]; k++)
                _rowWork[_lp.Rows[k]] += _lp.Values[k] * change;
        }

        _factor.Forward(_rowWork, _tau);
        for (var p = 0; p < _rows; p++)
            _value[_head[p]] -= _tau[p];
    }

    // Dual steepest edge: exact for a start from the logical basis, a good guess after jumps.
    private void UpdateWeights(int position)
    {
        var norm = 0.0;
        for (var i = 0; i < _rows; i++)
        {
            norm += _rho[i] * _rho[i];
            _rowWork[i] = _rho[i];
        }

        _factor.Forward(_rowWork, _tau);
        var pivot = _image[position];
        for (var p = 0; p < _rows; p++)
        {
            if (_image[p] == 0 || p == position)
                continue;
            var ratio = _image[p] / pivot;
            _weight[p] = Math.Max(_weight[p] - (2 * ratio * _tau[p]) + (ratio * ratio * norm), Math.Max(1e-4, ratio * ratio * norm * 1e-2));
        }

        _weight[position] = Math.Max(norm / (pivot * pivot), 1e-4);
    }

    // Widens the distance of every nonbasic reduced cost from zero by a little, so that dual steps have a length.
    private void Perturb()
    {
        _perturbed = true;
        for (var j = 0; j < _total; j++)
        {
            if (_status[j] is VariableStatus.Basic or VariableStatus.Free || Lower[j] == Upper[j])
                continue;
            var size = 1e-7 * (1 + Math.Abs(_cost[j])) * Noise();
            var change = _status[j] == VariableStatus.AtLower ? size : -size;
            Shift(j, change);
            _reduced[j] += change;
        }
    }
}

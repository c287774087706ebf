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

namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
    private double[] _primalWeight = [];

    /// <summary>Moves from a primal feasible basis to an optimal one.</summary>
    private LpStatus Primal(long end)
    {
        if (_primalWeight.Length == 0)
            _primalWeight = new double[_total];
        Array.Fill(_primalWeight, 1);
        var degenerate = 0;
        while (true)
        {
            if (_factor.UpdateCount >= _factor.UpdateLimit)
            {
                Refactor();
                if (!IsPrimalFeasible())
                    return LpStatus.Trouble;
            }

            var entering = ChooseImproving(degenerate > 200);
            if (entering < 0)
            {
                if (_factor.UpdateCount == 0)
                    return IsPrimalFeasible() ? LpStatus.Optimal : LpStatus.Trouble;
                Refactor();
                if (!IsPrimalFeasible())
                    return LpStatus.Trouble;
                continue;
            }

            if (Iterations >= end || ((Iterations & 31) == 0 && Interrupt is { } stop && stop()))
                return LpStatus.IterationLimit;
            Iterations++;
            Image(entering, _image);
            var up = _reduced[entering] < 0;
            var position = ChooseBlocking(entering, up, out var step, out var toUpper);
            if (double.IsPositiveInfinity(step))
            {
                if (_factor.UpdateCount == 0)
                    return LpStatus.Unbounded;
                Refactor();
                continue;
            }

            if (position >= 0 && Math.Abs(_image[position]) < PivotTolerance && _factor.UpdateCount > 0)
            {
                Refactor();
                continue;
            }

            degenerate = step < 1e-12 ? degenerate + 1 : 0;
            Move(entering, up ? step : -step);
            if (position < 0)
            {
                _status[entering] = up ? VariableStatus.AtUpper : VariableStatus.AtLower;
                _value[entering] = up ? Upper[entering] : Lower[entering];
                continue;
            }

            PivotPrimal(position, entering, toUpper);
        }
    }

    private bool IsPrimalFeasible()
    {
        foreach (var j in _head)
        {
            if (_value[j] < Lower[j] - FeasibilityTolerance || _value[j] > Upper[j] + FeasibilityTolerance)
                return false;
        }

        return true;
    }

    // Devex pricing; Bland's least index when stuck on one vertex for long, which cannot cycle.
    private int ChooseImproving(bool leastIndex)
    {
        var (best, score) = (-1, 0.0);
        for (var j = 0; j < _total; j++)
        {
            var violation = DualViolation(j);
            if (violation <= DualTolerance)
                continue;
            if (leastIndex)
                return j;
            if (violation * violation > score * _primalWeight[j])
                (best, score) = (j, violation * violation / _primalWeight[j]);
        }

        return best;
    }

    // Two passes: how far every basic variable may go with the tolerance, then the largest pivot within that reach.
    private int ChooseBlocking(int entering, bool up, out double step, out bool toUpper)
    {
        var direction = up ? 1.0 : -1.0;
        var reach = Upper[entering] - Lower[entering];
        for (var p = 0; p < _rows; p++)
        {
            var rate = -direction * _image[p];
            if (Math.Abs(rate) <= DualTolerance)
                continue;
            var j = _head[p];
            var room = rate > 0 ? Upper[j] - _value[j] : _value[j] - Lower[j];
            reach = Math.Min(reach, (Math.Max(0, room) + FeasibilityTolerance) / Math.Abs(rate));
        }

        var (best, size) = (-1, 0.0);
        (step, toUpper) = (Upper[entering] - Lower[entering], false);
        if (double.IsPositiveInfinity(reach))
            return -1;
        for (var p = 0; p < _rows; p++)
        {
            var rate = -direction * _image[p];
            if (Math.Abs(rate) <= DualTolerance || Math.Abs(rate) <= size)
                continue;
            var j = _head[p];
            var room = Math.Max(0, rate > 0 ? Upper[j] - _value[j] : _value[j] - Lower[j]);
            if (room > reach * Math.Abs(rate))
                continue;
            (best, size) = (p, Math.Abs(rate));
            (step, toUpper) = (room / Math.Abs(rate), rate > 0);
        }

        if (best >= 0 && Upper[entering] - Lower[entering] <= step)
        {
            step = Upper[entering] - Lower[entering];
            return -1;
        }

        return best;
    }

    private void Move(int entering, double distance)
    {
        _valuesAreFresh = false;
        for (var p = 0; p < _rows; p++)
        {
            if (_image[p] != 0)
                _value[_head[p]] -= distance * _image[p];
        }

        _value[entering] += distance;
    }

    private void PivotPrimal(int position, int entering, bool toUpper)
    {
        var leaving = _head[position];
        _reducedIsFresh = false;
        ComputePivotRow(position);
        var pivot = _image[position];
        var step = _reduced[entering] / pivot;
        var weight = _primalWeight[entering];
        for (var t = 0; t < _pivotRowCount; t++)
        {
            var j = _pivotRowIndex[t];
            var ratio = _pivotRow[j] / pivot;
            _reduced[j] -= step * _pivotRow[j];
            _primalWeight[j] = Math.Max(_primalWeight[j], ratio * ratio * weight);
        }

        _primalWeight[leaving] = Math.Max(1, weight / (pivot * pivot));
        _reduced[entering] = 0;
        _reduced[leaving] = -step;
        _value[leaving] = toUpper ? Upper[leaving] : Lower[leaving];
        _status[leaving] = toUpper ? VariableStatus.AtUpper : VariableStatus.AtLower;
        _status[entering] = VariableStatus.Basic;
        _head[position] = entering;
        _factor.Update(position, _image);
        _weight[position] = 1;
    }
}

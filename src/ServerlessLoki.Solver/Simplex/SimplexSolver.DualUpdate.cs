namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
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

    // A reduced cost that Harris' tolerance let cross zero is shifted back to it.
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
}

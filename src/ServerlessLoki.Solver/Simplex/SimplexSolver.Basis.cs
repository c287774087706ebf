namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
    /// <summary>Makes the basis of all logical variables current.</summary>
    public void LoadLogicalBasis()
    {
        for (var j = 0; j < _columns; j++)
            _status[j] = VariableStatus.AtLower;
        for (var i = 0; i < _rows; i++)
        {
            _head[i] = _columns + i;
            _status[_columns + i] = VariableStatus.Basic;
        }

        Array.Fill(_weight, 1);
        _factored = false;
    }

    /// <summary>Makes the basis with these statuses current; too many or too few basic variables are repaired.</summary>
    public void LoadBasis(ReadOnlySpan<byte> status)
    {
        status.CopyTo(_status);
        var count = 0;
        for (var j = 0; j < _total; j++)
        {
            if (_status[j] != VariableStatus.Basic)
                continue;
            if (count < _rows)
                _head[count++] = j;
            else
                _status[j] = VariableStatus.AtLower;
        }

        for (var i = 0; count < _rows; i++)
        {
            if (_status[_columns + i] == VariableStatus.Basic)
                continue;
            _status[_columns + i] = VariableStatus.Basic;
            _head[count++] = _columns + i;
        }

        Array.Fill(_weight, 1);
        _factored = false;
    }

    private void Refactor()
    {
        if (_factor.Factorise(_head) > 0)
        {
            // A variable that lost its place becomes nonbasic at a bound.
            for (var j = 0; j < _total; j++)
            {
                if (_status[j] == VariableStatus.Basic)
                    _status[j] = VariableStatus.AtLower;
            }

            foreach (var j in _head)
                _status[j] = VariableStatus.Basic;
            Array.Fill(_weight, 1);
        }

        _factored = true;
        ComputeReducedCosts();
        PlaceNonbasic();
        ComputeBasicValues();
    }

    // Returns whether any moved.
    private bool PlaceNonbasic()
    {
        var moved = false;
        for (var j = 0; j < _total; j++)
        {
            if (_status[j] == VariableStatus.Basic)
                continue;
            var (low, high) = (Lower[j], Upper[j]);
            if (_status[j] == VariableStatus.AtUpper ? double.IsPositiveInfinity(high) : double.IsNegativeInfinity(low))
            {
                _status[j] = !double.IsNegativeInfinity(low) ? VariableStatus.AtLower
                    : !double.IsPositiveInfinity(high) ? VariableStatus.AtUpper : VariableStatus.Free;
            }
            else if (_status[j] == VariableStatus.Free)
            {
                _status[j] = VariableStatus.AtLower;
            }

            var value = _status[j] switch
            {
                VariableStatus.AtLower => low,
                VariableStatus.AtUpper => high,
                _ => 0,
            };
            moved |= value != _value[j];
            _value[j] = value;
        }

        return moved;
    }

    private void ComputeBasicValues()
    {
        Array.Clear(_rowWork);
        for (var j = 0; j < _columns; j++)
        {
            var x = _value[j];
            if (_status[j] == VariableStatus.Basic || x == 0)
                continue;
            for (var k = _lp.Starts[j]; k < _lp.Starts[j + 1]; k++)
                _rowWork[_lp.Rows[k]] -= _lp.Values[k] * x;
        }

        for (var i = 0; i < _rows; i++)
        {
            if (_status[_columns + i] != VariableStatus.Basic)
                _rowWork[i] += _value[_columns + i];
        }

        _factor.Forward(_rowWork, _image);
        for (var p = 0; p < _rows; p++)
            _value[_head[p]] = _image[p];
        _valuesAreFresh = true;
    }

    private void ComputeReducedCosts()
    {
        for (var p = 0; p < _rows; p++)
            _positionWork[p] = _cost[_head[p]];
        _factor.Backward(_positionWork, _rho);
        for (var j = 0; j < _columns; j++)
        {
            if (_status[j] == VariableStatus.Basic)
            {
                _reduced[j] = 0;
                continue;
            }

            var d = _cost[j];
            for (var k = _lp.Starts[j]; k < _lp.Starts[j + 1]; k++)
                d -= _rho[_lp.Rows[k]] * _lp.Values[k];
            _reduced[j] = d;
        }

        for (var i = 0; i < _rows; i++)
        {
            var j = _columns + i;
            _reduced[j] = _status[j] == VariableStatus.Basic ? 0 : _cost[j] + _rho[i];
        }

        _reducedIsFresh = true;
    }
}

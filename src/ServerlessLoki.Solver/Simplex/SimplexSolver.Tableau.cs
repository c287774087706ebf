namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class SimplexSolver
{
    /// <summary>Variable of each basis position.</summary>
    public ReadOnlySpan<int> Head => _head;

    /// <summary>
    /// The tableau row of a basis position: x_B + Σ values[j]·x_j = 0 over the nonbasic variables returned. Both are valid
    /// until the next call of any method.
    /// </summary>
    /// <param name="position">Position in the basis.</param>
    /// <param name="values">Coefficients, indexed by variable.</param>
    public ReadOnlySpan<int> Tableau(int position, out double[] values)
    {
        ComputePivotRow(position);
        values = _pivotRow;
        return _pivotRowIndex.AsSpan(0, _pivotRowCount);
    }

    // B⁻¹ times the column of a variable, into target.
    private void Image(int variable, double[] target)
    {
        if (variable >= _columns)
        {
            _rowWork[variable - _columns] = -1;
        }
        else
        {
            for (var k = _lp.Starts[variable]; k < _lp.Starts[variable + 1]; k++)
                _rowWork[_lp.Rows[k]] = _lp.Values[k];
        }

        _factor.Forward(_rowWork, target);
    }

    // Row `position` of B⁻¹ and of B⁻¹·N.
    private void ComputePivotRow(int position)
    {
        _positionWork[position] = 1;
        _factor.Backward(_positionWork, _rho);
        for (var t = 0; t < _pivotRowCount; t++)
        {
            _pivotRow[_pivotRowIndex[t]] = 0;
            _inPivotRow[_pivotRowIndex[t]] = false;
        }

        var count = 0;
        for (var i = 0; i < _rows; i++)
        {
            var r = _rho[i];
            if (Math.Abs(r) < 1e-14)
                continue;
            if (_status[_columns + i] != VariableStatus.Basic)
            {
                _pivotRow[_columns + i] = -r;
                _inPivotRow[_columns + i] = true;
                _pivotRowIndex[count++] = _columns + i;
            }

            for (var k = _lp.ByRowStarts[i]; k < _lp.ByRowStarts[i + 1]; k++)
            {
                var j = _lp.ByRowColumns[k];
                if (!_inPivotRow[j])
                {
                    if (_status[j] == VariableStatus.Basic)
                        continue;
                    _inPivotRow[j] = true;
                    _pivotRowIndex[count++] = j;
                }

                _pivotRow[j] += r * _lp.ByRowValues[k];
            }
        }

        _pivotRowCount = count;
    }
}

namespace ServerlessLoki.Solver.Simplex;

internal sealed partial class BasisFactor
{
    // Splits a column into U entries (rows done before the nucleus) and the work vector; during the nucleus, rows that it
    // has pivoted must be eliminated first, so they go to the work vector as well.
    private bool ScatterColumn(int variable, out int touched, out int at)
    {
        touched = 0;
        at = _upperStart[_step];
        EnsureUpper(at);
        for (var k = _lp.Starts[variable]; k < _lp.Starts[variable + 1]; k++)
        {
            var row = _lp.Rows[k];
            if (_rowDone[row] && !_nucleusRow[row])
            {
                _upperRow[at] = row;
                _upperValue[at++] = _lp.Values[k];
                continue;
            }

            _work[row] = _lp.Values[k];
            _isTouched[row] = true;
            _touched[touched++] = row;
        }

        return touched > 0;
    }

    private void StoreLower(int row, double value, int touched)
    {
        var at = _lowerStart[_lowerCount];
        if (at + _rowCount > _lowerRow.Length)
        {
            Array.Resize(ref _lowerRow, (2 * _lowerRow.Length) + _rowCount);
            Array.Resize(ref _lowerValue, _lowerRow.Length);
        }

        for (var t = 0; t < touched; t++)
        {
            var i = _touched[t];
            if (i != row && Math.Abs(_work[i]) > 1e-16)
            {
                _lowerRow[at] = i;
                _lowerValue[at++] = _work[i] / value;
            }
        }

        Unscatter(touched);
        if (at == _lowerStart[_lowerCount])
            return;
        _lowerPivotRow[_lowerCount] = row;
        _lowerStart[++_lowerCount] = at;
    }

    private void Unscatter(int touched)
    {
        for (var t = 0; t < touched; t++)
        {
            _work[_touched[t]] = 0;
            _isTouched[_touched[t]] = false;
        }
    }
}

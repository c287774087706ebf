namespace ServerlessLoki.Solver;

/// <summary>
/// An immutable mixed-integer linear program: minimise or maximise c·x + offset subject to row bounds on A·x, column
/// bounds on x, and x_j integer for some j. Coefficients are stored by column. Built by <see cref="MixedIntegerProgramBuilder"/>.
/// </summary>
public sealed class MixedIntegerProgram
{
    private readonly double[] _columnLower;
    private readonly double[] _columnUpper;
    private readonly double[] _objective;
    private readonly bool[] _isInteger;
    private readonly double[] _rowLower;
    private readonly double[] _rowUpper;
    private readonly int[] _starts;
    private readonly int[] _rows;
    private readonly double[] _values;

    internal MixedIntegerProgram(
        ObjectiveSense sense,
        double offset,
        (double[] Lower, double[] Upper, double[] Objective, bool[] IsInteger) columns,
        (double[] Lower, double[] Upper) rows,
        (int[] Starts, int[] Rows, double[] Values) matrix)
    {
        Sense = sense;
        ObjectiveOffset = offset;
        (_columnLower, _columnUpper, _objective, _isInteger) = columns;
        (_rowLower, _rowUpper) = rows;
        (_starts, _rows, _values) = matrix;
    }

    /// <summary>Direction of optimisation.</summary>
    public ObjectiveSense Sense { get; }

    /// <summary>Constant part of the objective.</summary>
    public double ObjectiveOffset { get; }

    /// <summary>Number of columns (decision variables).</summary>
    public int ColumnCount => _objective.Length;

    /// <summary>Number of rows (constraints).</summary>
    public int RowCount => _rowLower.Length;

    /// <summary>Number of stored coefficients.</summary>
    public int NonzeroCount => _values.Length;

    /// <summary>Lower bound of each column; negative infinity for none.</summary>
    public ReadOnlySpan<double> ColumnLower => _columnLower;

    /// <summary>Upper bound of each column; positive infinity for none.</summary>
    public ReadOnlySpan<double> ColumnUpper => _columnUpper;

    /// <summary>Objective coefficient of each column.</summary>
    public ReadOnlySpan<double> Objective => _objective;

    /// <summary>True for each column that takes integers only.</summary>
    public ReadOnlySpan<bool> IsInteger => _isInteger;

    /// <summary>Lower bound of each row; negative infinity for none.</summary>
    public ReadOnlySpan<double> RowLower => _rowLower;

    /// <summary>Upper bound of each row; positive infinity for none.</summary>
    public ReadOnlySpan<double> RowUpper => _rowUpper;

    /// <summary>Start of each column's coefficients in <see cref="RowIndices"/>; one entry more than columns.</summary>
    public ReadOnlySpan<int> ColumnStarts => _starts;

    /// <summary>Row of each coefficient, ascending within a column.</summary>
    public ReadOnlySpan<int> RowIndices => _rows;

    /// <summary>Value of each coefficient; never zero.</summary>
    public ReadOnlySpan<double> Coefficients => _values;

    /// <summary>Computes the objective of <paramref name="values"/>, the offset included.</summary>
    /// <param name="values">One value per column.</param>
    public double Evaluate(ReadOnlySpan<double> values)
    {
        var sum = ObjectiveOffset;
        for (var j = 0; j < _objective.Length; j++)
            sum += _objective[j] * values[j];
        return sum;
    }

    /// <summary>Computes the largest amount by which <paramref name="values"/> violate a bound, a row (relative to the size of its bound
    /// and terms, at least 1) or integrality; 0 when feasible.</summary>
    /// <param name="values">One value per column.</param>
    public double Violation(ReadOnlySpan<double> values)
    {
        var worst = 0.0;
        var activity = new double[RowCount];
        var size = new double[RowCount];
        for (var j = 0; j < ColumnCount; j++)
        {
            var x = values[j];
            if (double.IsNaN(x))
                return double.PositiveInfinity;
            worst = Math.Max(worst, Math.Max(_columnLower[j] - x, x - _columnUpper[j]) / Math.Max(1, Math.Abs(x)));
            if (_isInteger[j])
                worst = Math.Max(worst, Math.Abs(x - Math.Round(x)));
            for (var k = _starts[j]; k < _starts[j + 1]; k++)
            {
                var term = _values[k] * x;
                activity[_rows[k]] += term;
                size[_rows[k]] = Math.Max(size[_rows[k]], Math.Abs(term));
            }
        }

        for (var i = 0; i < activity.Length; i++)
        {
            var broken = Math.Max(_rowLower[i] - activity[i], activity[i] - _rowUpper[i]);
            worst = Math.Max(worst, broken / Math.Max(1, size[i]));
        }

        return worst;
    }

    /// <summary>Returns the same columns and rows with an objective of zero: any feasible values are the best.</summary>
    internal MixedIntegerProgram WithoutObjective() => new(
        Sense,
        0,
        (_columnLower, _columnUpper, new double[ColumnCount], _isInteger),
        (_rowLower, _rowUpper),
        (_starts, _rows, _values));

    /// <summary>Returns the same program with other column bounds.</summary>
    internal MixedIntegerProgram WithBounds(double[] lower, double[] upper) => new(
        Sense,
        ObjectiveOffset,
        (lower, upper, _objective, _isInteger),
        (_rowLower, _rowUpper),
        (_starts, _rows, _values));
}

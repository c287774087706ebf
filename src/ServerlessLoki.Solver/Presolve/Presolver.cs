namespace ServerlessLoki.Solver.Presolve;

/// <summary>
/// Shrinks a program by reductions whose way back is trivial: every removed column has a known value, every removed row
/// cannot be broken. Removes empty, singleton, redundant and forcing rows; rounds and tightens integer bounds; fixes
/// columns that only help at one end, and columns dominated by a better one.
/// </summary>
internal sealed partial class Presolver
{
    private const double Tolerance = 1e-9;
    private const int MostRounds = 12;

    /// <summary>Rows between two checks of the time, less one.</summary>
    private const int ClockMask = 4095;

    private readonly MixedIntegerProgram _program;
    private readonly int _columns;
    private readonly int _rows;
    private readonly int[] _starts;
    private readonly int[] _rowIndices;
    private readonly double[] _coefficients;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _cost;
    private readonly double[] _rowLower;
    private readonly double[] _rowUpper;
    private readonly bool[] _rowGone;
    private readonly int[] _byRowStarts;
    private readonly int[] _byRowColumns;
    private readonly double[] _byRowValues;
    private bool _changed;
    private bool _infeasible;

    private Presolver(MixedIntegerProgram program)
    {
        _program = program;
        _columns = program.ColumnCount;
        _rows = program.RowCount;
        _starts = program.ColumnStarts.ToArray();
        _rowIndices = program.RowIndices.ToArray();
        _coefficients = program.Coefficients.ToArray();
        _lower = program.ColumnLower.ToArray();
        _upper = program.ColumnUpper.ToArray();
        _cost = program.Objective.ToArray();
        if (program.Sense == ObjectiveSense.Maximise)
        {
            for (var j = 0; j < _columns; j++)
                _cost[j] = -_cost[j];
        }

        _rowLower = program.RowLower.ToArray();
        _rowUpper = program.RowUpper.ToArray();
        _rowGone = new bool[_rows];
        _byRowStarts = new int[_rows + 1];
        _byRowColumns = new int[program.NonzeroCount];
        _byRowValues = new double[program.NonzeroCount];
        Transpose();
    }

    /// <summary>Reduces a program. With <paramref name="reduce"/> false it is only translated; when the time is over, the reduction ends
    /// early.</summary>
    public static ReducedProgram Run(MixedIntegerProgram program, bool reduce = true, SolveClock? clock = null)
    {
        var presolver = new Presolver(program);
        presolver.RoundIntegerBounds();
        if (reduce)
            presolver.Reduce(clock);
        return presolver.Build();
    }

    private void Transpose()
    {
        foreach (var row in _rowIndices)
            _byRowStarts[row + 1]++;
        for (var i = 0; i < _rows; i++)
            _byRowStarts[i + 1] += _byRowStarts[i];
        var next = _byRowStarts.AsSpan(0, _rows).ToArray();
        var (starts, rows, values) = (_starts, _rowIndices, _coefficients);
        for (var j = 0; j < _columns; j++)
        {
            for (var k = starts[j]; k < starts[j + 1]; k++)
            {
                var at = next[rows[k]]++;
                _byRowColumns[at] = j;
                _byRowValues[at] = values[k];
            }
        }
    }

    private void RoundIntegerBounds()
    {
        var integer = _program.IsInteger;
        for (var j = 0; j < _columns; j++)
        {
            if (integer[j])
            {
                _lower[j] = Math.Ceiling(_lower[j] - 1e-7);
                _upper[j] = Math.Floor(_upper[j] + 1e-7);
            }

            if (_lower[j] > _upper[j] + Tolerance)
                _infeasible = true;
        }

        for (var i = 0; i < _rows; i++)
        {
            if (_rowLower[i] > _rowUpper[i] + (Tolerance * Math.Max(1, Math.Abs(_rowUpper[i]))))
                _infeasible = true;
        }
    }

    private void Reduce(SolveClock? clock)
    {
        var dominated = false;
        for (var round = 0; round < MostRounds && !_infeasible; round++)
        {
            _changed = false;
            for (var i = 0; i < _rows && !_infeasible; i++)
            {
                if ((i & ClockMask) == ClockMask && clock?.IsOver() == true)
                    return;
                if (!_rowGone[i])
                    VisitRow(i);
            }

            if (_infeasible || clock?.IsOver() == true)
                return;
            FixByLocks();
            if (_changed)
                continue;
            if (dominated)
                return;
            dominated = true;
            FixDominated();
            if (!_changed)
                return;
        }
    }
}

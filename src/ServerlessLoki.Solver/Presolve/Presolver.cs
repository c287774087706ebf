using ServerlessLoki.Solver.Simplex;

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

    /// <summary>Reduces a program; with <paramref name="reduce"/> false it is only translated.</summary>
    public static ReducedProgram Run(MixedIntegerProgram program, bool reduce = true)
    {
        var presolver = new Presolver(program);
        presolver.RoundIntegerBounds();
        if (reduce)
            presolver.Reduce();
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

    private void Reduce()
    {
        var dominated = false;
        for (var round = 0; round < MostRounds && !_infeasible; round++)
        {
            _changed = false;
            for (var i = 0; i < _rows && !_infeasible; i++)
            {
                if (!_rowGone[i])
                    VisitRow(i);
            }

            if (_infeasible)
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

    private void VisitRow(int row)
    {
        double least = 0, most = 0;
        var (leastInfinite, mostInfinite, live, last) = (0, 0, 0, -1);
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            var (j, a) = (_byRowColumns[k], _byRowValues[k]);
            if (_lower[j] < _upper[j])
                (live, last) = (live + 1, k);
            var (low, high) = a > 0 ? (a * _lower[j], a * _upper[j]) : (a * _upper[j], a * _lower[j]);
            if (double.IsInfinity(low))
                leastInfinite++;
            else
                least += low;
            if (double.IsInfinity(high))
                mostInfinite++;
            else
                most += high;
        }

        var (lower, upper) = (_rowLower[row], _rowUpper[row]);
        var slack = Tolerance * Math.Max(1, Math.Max(Math.Abs(least), Math.Abs(most)));
        if ((leastInfinite == 0 && least > upper + slack) || (mostInfinite == 0 && most < lower - slack))
        {
            // Too close to call: leave the row to the simplex method.
            if ((leastInfinite == 0 && least > upper + (100 * slack)) || (mostInfinite == 0 && most < lower - (100 * slack)) || live == 0)
                _infeasible = true;
            return;
        }

        var neverAbove = mostInfinite == 0 && most <= upper + (1e-3 * slack);
        var neverBelow = leastInfinite == 0 && least >= lower - (1e-3 * slack);
        if (neverAbove)
            _rowUpper[row] = upper = double.PositiveInfinity;
        if (neverBelow)
            _rowLower[row] = lower = double.NegativeInfinity;
        if (live == 0 || (double.IsInfinity(lower) && double.IsInfinity(upper)))
        {
            Remove(row);
        }
        else if (live == 1)
        {
            BoundSingleton(row, last);
        }
        else if (leastInfinite == 0 && least >= upper - (1e-3 * slack))
        {
            Force(row, atLeast: true);
        }
        else if (mostInfinite == 0 && most <= lower + (1e-3 * slack))
        {
            Force(row, atLeast: false);
        }
        else
        {
            TightenIntegers(row, (least, leastInfinite), (most, mostInfinite));
        }
    }

    private void Remove(int row)
    {
        _rowGone[row] = true;
        _changed = true;
    }

    private void BoundSingleton(int row, int at)
    {
        var (j, a) = (_byRowColumns[at], _byRowValues[at]);
        var rest = 0.0;
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            if (k != at)
                rest += _byRowValues[k] * _lower[_byRowColumns[k]];
        }

        var (low, high) = ((_rowLower[row] - rest) / a, (_rowUpper[row] - rest) / a);
        if (a < 0)
            (low, high) = (high, low);
        Tighten(j, low, high);
        Remove(row);
    }

    private void Force(int row, bool atLeast)
    {
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            var j = _byRowColumns[k];
            var x = _byRowValues[k] > 0 == atLeast ? _lower[j] : _upper[j];
            (_lower[j], _upper[j]) = (x, x);
        }

        Remove(row);
    }

    private void TightenIntegers(int row, (double Sum, int Infinite) least, (double Sum, int Infinite) most)
    {
        var integer = _program.IsInteger;
        for (var k = _byRowStarts[row]; k < _byRowStarts[row + 1]; k++)
        {
            var (j, a) = (_byRowColumns[k], _byRowValues[k]);
            if (!integer[j] || _lower[j] == _upper[j])
                continue;
            var (low, high) = a > 0 ? (a * _lower[j], a * _upper[j]) : (a * _upper[j], a * _lower[j]);
            var othersLeast = Without(least, low);
            var othersMost = Without(most, high);
            var (from, to) = ((_rowLower[row] - othersMost) / a, (_rowUpper[row] - othersLeast) / a);
            if (a < 0)
                (from, to) = (to, from);
            Tighten(j, from, to);

            // The activities above are those of the old bounds: wider, hence still valid for the next columns.
        }
    }

    private static double Without((double Sum, int Infinite) activity, double term)
    {
        if (double.IsInfinity(term))
            return activity.Infinite == 1 ? activity.Sum : term;
        return activity.Infinite == 0 ? activity.Sum - term : double.NaN;
    }

    private void Tighten(int j, double low, double high)
    {
        if (_program.IsInteger[j])
        {
            low = Math.Ceiling(low - 1e-6);
            high = Math.Floor(high + 1e-6);
        }

        if (low > _lower[j] + Tolerance)
        {
            _lower[j] = low;
            _changed = true;
        }

        if (high < _upper[j] - Tolerance)
        {
            _upper[j] = high;
            _changed = true;
        }

        var scale = Math.Max(1, Math.Abs(_upper[j]));
        if (_lower[j] > _upper[j] + (1e-7 * scale))
            _infeasible = true;
        else if (_lower[j] > _upper[j])
            _lower[j] = _upper[j];
    }

    private ReducedProgram Build()
    {
        var fixedValues = new double[_columns];
        var columns = new List<int>();
        if (_infeasible)
            return Result([], [], fixedValues, 0);
        var offset = _program.Sense == ObjectiveSense.Maximise ? -_program.ObjectiveOffset : _program.ObjectiveOffset;
        for (var j = 0; j < _columns; j++)
        {
            if (_lower[j] < _upper[j])
            {
                columns.Add(j);
                continue;
            }

            fixedValues[j] = _lower[j];
            offset += _cost[j] * _lower[j];
        }

        var rows = new List<int>();
        for (var i = 0; i < _rows; i++)
        {
            if (!_rowGone[i])
                rows.Add(i);
        }

        return Result([.. columns], [.. rows], fixedValues, offset);
    }

    private ReducedProgram Result(int[] columns, int[] rows, double[] fixedValues, double offset)
    {
        var newRow = new int[_rows];
        Array.Fill(newRow, -1);
        var (rowLower, rowUpper) = (new double[rows.Length], new double[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            newRow[rows[i]] = i;
            var removed = 0.0;
            for (var k = _byRowStarts[rows[i]]; k < _byRowStarts[rows[i] + 1]; k++)
            {
                var j = _byRowColumns[k];
                if (_lower[j] == _upper[j])
                    removed += _byRowValues[k] * _lower[j];
            }

            rowLower[i] = _rowLower[rows[i]] - removed;
            rowUpper[i] = _rowUpper[rows[i]] - removed;
        }

        var starts = new int[columns.Length + 1];
        var (rowOf, valueOf) = (new List<int>(), new List<double>());
        for (var c = 0; c < columns.Length; c++)
        {
            for (var k = _starts[columns[c]]; k < _starts[columns[c] + 1]; k++)
            {
                var row = newRow[_rowIndices[k]];
                if (row < 0)
                    continue;
                rowOf.Add(row);
                valueOf.Add(_coefficients[k]);
            }

            starts[c + 1] = rowOf.Count;
        }

        var linear = new LinearProgram(
            (Pick(_lower, columns), Pick(_upper, columns), Pick(_cost, columns), Pick(_program.IsInteger, columns)),
            (rowLower, rowUpper),
            (starts, [.. rowOf], [.. valueOf]));
        return new ReducedProgram
        {
            Original = _program,
            IsFeasible = !_infeasible,
            Linear = linear,
            Columns = columns,
            Rows = rows,
            FixedValues = fixedValues,
            Offset = offset,
        };
    }

    private static T[] Pick<T>(ReadOnlySpan<T> from, int[] which)
    {
        var picked = new T[which.Length];
        for (var i = 0; i < which.Length; i++)
            picked[i] = from[which[i]];
        return picked;
    }
}

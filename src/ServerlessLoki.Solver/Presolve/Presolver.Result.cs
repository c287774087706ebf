using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Presolve;

internal sealed partial class Presolver
{
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

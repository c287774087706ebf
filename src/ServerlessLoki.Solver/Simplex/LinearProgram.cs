namespace ServerlessLoki.Solver.Simplex;

/// <summary>Relaxation in the form of the simplex method: minimise cost·x with A·x − r = 0, where r_i are the logical variables (index n +
/// i) whose bounds are the row bounds. Rows and continuous columns are scaled by powers of two.</summary>
internal sealed class LinearProgram
{
    public LinearProgram(
        (double[] Lower, double[] Upper, double[] Cost, bool[] IsInteger) columns,
        (double[] Lower, double[] Upper) rows,
        (int[] Starts, int[] Rows, double[] Values) matrix)
    {
        ColumnCount = columns.Cost.Length;
        RowCount = rows.Lower.Length;
        Starts = matrix.Starts;
        Rows = matrix.Rows;
        Values = matrix.Values;
        IsInteger = columns.IsInteger;
        ColumnScale = new double[ColumnCount];
        RowScale = new double[RowCount];
        ChooseScales();

        var total = ColumnCount + RowCount;
        Lower = new double[total];
        Upper = new double[total];
        Cost = new double[total];
        for (var j = 0; j < ColumnCount; j++)
        {
            Lower[j] = columns.Lower[j] / ColumnScale[j];
            Upper[j] = columns.Upper[j] / ColumnScale[j];
            Cost[j] = columns.Cost[j] * ColumnScale[j];
            for (var k = Starts[j]; k < Starts[j + 1]; k++)
                Values[k] *= ColumnScale[j] * RowScale[Rows[k]];
        }

        for (var i = 0; i < RowCount; i++)
        {
            Lower[ColumnCount + i] = rows.Lower[i] * RowScale[i];
            Upper[ColumnCount + i] = rows.Upper[i] * RowScale[i];
        }

        (ByRowStarts, ByRowColumns, ByRowValues) = Transpose(RowCount, ColumnCount, Starts, Rows, Values);
    }

    // The rows of a program and more, already scaled.
    private LinearProgram(LinearProgram program, IReadOnlyList<CutRow> cuts)
    {
        ColumnCount = program.ColumnCount;
        RowCount = program.RowCount + cuts.Count;
        IsInteger = program.IsInteger;
        ColumnScale = program.ColumnScale;
        Cost = [.. program.Cost, .. new double[cuts.Count]];
        RowScale = [.. program.RowScale, .. Enumerable.Repeat(1.0, cuts.Count)];
        Lower = [.. program.Lower, .. cuts.Select(c => c.Lower)];
        Upper = [.. program.Upper, .. Enumerable.Repeat(double.PositiveInfinity, cuts.Count)];
        ByRowStarts = new int[RowCount + 1];
        program.ByRowStarts.CopyTo(ByRowStarts, 0);
        for (var c = 0; c < cuts.Count; c++)
            ByRowStarts[program.RowCount + c + 1] = ByRowStarts[program.RowCount + c] + cuts[c].Columns.Length;
        ByRowColumns = [.. program.ByRowColumns, .. cuts.SelectMany(c => c.Columns)];
        ByRowValues = [.. program.ByRowValues, .. cuts.SelectMany(c => c.Values)];
        (Starts, Rows, Values) = Transpose(ColumnCount, RowCount, ByRowStarts, ByRowColumns, ByRowValues);
    }

    public int ColumnCount { get; }

    public int RowCount { get; }

    public int[] Starts { get; }

    public int[] Rows { get; }

    public double[] Values { get; }

    public int[] ByRowStarts { get; }

    public int[] ByRowColumns { get; }

    public double[] ByRowValues { get; }

    public bool[] IsInteger { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    public double[] Cost { get; }

    /// <summary>Scale of each column: original value = scaled value times this; 1 for integer columns.</summary>
    public double[] ColumnScale { get; }

    public double[] RowScale { get; }

    private void ChooseScales()
    {
        Array.Fill(ColumnScale, 1);
        Array.Fill(RowScale, 1);
        var least = new double[RowCount];
        var most = new double[RowCount];
        for (var pass = 0; pass < 3; pass++)
        {
            Array.Fill(least, double.PositiveInfinity);
            Array.Clear(most);
            for (var j = 0; j < ColumnCount; j++)
            {
                for (var k = Starts[j]; k < Starts[j + 1]; k++)
                {
                    var size = Math.Abs(Values[k]) * ColumnScale[j];
                    least[Rows[k]] = Math.Min(least[Rows[k]], size);
                    most[Rows[k]] = Math.Max(most[Rows[k]], size);
                }
            }

            for (var i = 0; i < RowCount; i++)
                RowScale[i] = most[i] > 0 ? PowerOfTwo(1 / Math.Sqrt(least[i] * most[i])) : 1;
            for (var j = 0; j < ColumnCount; j++)
            {
                // Integer columns keep their unit, so that branching and rounding need no conversion.
                if (IsInteger[j] || Starts[j] == Starts[j + 1])
                    continue;
                double small = double.PositiveInfinity, large = 0;
                for (var k = Starts[j]; k < Starts[j + 1]; k++)
                {
                    var size = Math.Abs(Values[k]) * RowScale[Rows[k]];
                    small = Math.Min(small, size);
                    large = Math.Max(large, size);
                }

                ColumnScale[j] = PowerOfTwo(1 / Math.Sqrt(small * large));
            }
        }
    }

    private static double PowerOfTwo(double value) =>
        Math.ScaleB(1, Math.Clamp((int)Math.Round(Math.Log2(value)), -40, 40));

    /// <summary>Returns the same program with more rows at the end.</summary>
    public LinearProgram With(IReadOnlyList<CutRow> cuts) => new(this, cuts);

    // From "by outer" to "by inner": columns to rows or the reverse.
    private static (int[] Starts, int[] Outer, double[] Values) Transpose(int inner, int outer, int[] starts, int[] indices, double[] values)
    {
        var newStarts = new int[inner + 1];
        foreach (var i in indices.AsSpan(0, starts[outer]))
            newStarts[i + 1]++;
        for (var i = 0; i < inner; i++)
            newStarts[i + 1] += newStarts[i];
        var next = newStarts.AsSpan(0, inner).ToArray();
        var (newIndices, newValues) = (new int[starts[outer]], new double[starts[outer]]);
        for (var o = 0; o < outer; o++)
        {
            for (var k = starts[o]; k < starts[o + 1]; k++)
            {
                var at = next[indices[k]]++;
                newIndices[at] = o;
                newValues[at] = values[k];
            }
        }

        return (newStarts, newIndices, newValues);
    }
}

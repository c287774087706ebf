namespace ServerlessLoki.Solver;

/// <summary>Builder of a <see cref="MixedIntegerProgram"/> from columns, rows and coefficients; repeated coefficients add up.</summary>
public sealed class MixedIntegerProgramBuilder
{
    private readonly ObjectiveSense _sense;
    private readonly List<double> _columnLower = [];
    private readonly List<double> _columnUpper = [];
    private readonly List<double> _objective = [];
    private readonly List<bool> _isInteger = [];
    private readonly List<string?> _columnNames = [];
    private readonly List<double> _rowLower = [];
    private readonly List<double> _rowUpper = [];
    private readonly List<string?> _rowNames = [];
    private readonly List<(int Row, int Column, double Value)> _terms = [];

    /// <summary>Starts an empty program.</summary>
    /// <param name="sense">Whether the objective is minimised or maximised.</param>
    public MixedIntegerProgramBuilder(ObjectiveSense sense = ObjectiveSense.Minimise) => _sense = sense;

    /// <summary>Constant added to the objective; default 0.</summary>
    public double ObjectiveOffset { get; set; }

    /// <summary>Number of columns so far.</summary>
    public int ColumnCount => _objective.Count;

    /// <summary>Number of rows so far.</summary>
    public int RowCount => _rowLower.Count;

    /// <summary>Adds a decision variable and returns its index.</summary>
    /// <param name="lower">Least value; negative infinity for none.</param>
    /// <param name="upper">Largest value; positive infinity for none.</param>
    /// <param name="objective">Objective coefficient, finite.</param>
    /// <param name="isInteger">Whether it takes integers only.</param>
    /// <param name="name">Name for messages, or null.</param>
    public int AddColumn(double lower, double upper, double objective, bool isInteger = false, string? name = null)
    {
        _columnLower.Add(lower);
        _columnUpper.Add(upper);
        _objective.Add(objective);
        _isInteger.Add(isInteger);
        _columnNames.Add(name);
        return _objective.Count - 1;
    }

    /// <summary>Adds an integer column between 0 and 1 and returns its index.</summary>
    /// <param name="objective">Objective coefficient, finite.</param>
    /// <param name="name">Name for messages, or null.</param>
    public int AddBinary(double objective, string? name = null) => AddColumn(0, 1, objective, isInteger: true, name);

    /// <summary>Adds a constraint lower ≤ row ≤ upper without coefficients and returns its index.</summary>
    /// <param name="lower">Least activity; negative infinity for none; equal to <paramref name="upper"/> for an equation.</param>
    /// <param name="upper">Largest activity; positive infinity for none.</param>
    /// <param name="name">Name for messages, or null.</param>
    public int AddRow(double lower, double upper, string? name = null)
    {
        _rowLower.Add(lower);
        _rowUpper.Add(upper);
        _rowNames.Add(name);
        return _rowLower.Count - 1;
    }

    /// <summary>Adds a constraint lower ≤ Σ value·column ≤ upper and returns its index.</summary>
    /// <param name="lower">Least activity; negative infinity for none.</param>
    /// <param name="upper">Largest activity; positive infinity for none.</param>
    /// <param name="terms">Columns with their coefficients.</param>
    /// <param name="name">Name for messages, or null.</param>
    public int AddRow(double lower, double upper, ReadOnlySpan<(int Column, double Value)> terms, string? name = null)
    {
        var row = AddRow(lower, upper, name);
        foreach (var (column, value) in terms)
            AddTerm(row, column, value);
        return row;
    }

    /// <summary>Adds <paramref name="value"/> to the coefficient of a column in a row. The column or row may be added later.</summary>
    /// <param name="row">Index of the row.</param>
    /// <param name="column">Index of the column.</param>
    /// <param name="value">Coefficient, finite.</param>
    public void AddTerm(int row, int column, double value) => _terms.Add((row, column, value));

    /// <summary>Builds the immutable program; the builder can still be used afterwards.</summary>
    /// <exception cref="ProgramFaultException">A bound, coefficient or index is not allowed; lists every fault.</exception>
    public MixedIntegerProgram Build()
    {
        var faults = Faults();
        if (faults.Count > 0)
            throw new ProgramFaultException(faults);
        return new MixedIntegerProgram(
            _sense,
            ObjectiveOffset,
            ([.. _columnLower], [.. _columnUpper], [.. _objective], [.. _isInteger]),
            ([.. _rowLower], [.. _rowUpper]),
            Compile());
    }

    private List<string> Faults()
    {
        var faults = new List<string>();
        if (!double.IsFinite(ObjectiveOffset))
            faults.Add($"$.objectiveOffset: found {ObjectiveOffset}; allowed: a finite number");
        for (var j = 0; j < ColumnCount; j++)
        {
            var where = $"$.columns[{j}] ({_columnNames[j] ?? "unnamed"})";
            if (!double.IsFinite(_objective[j]))
                faults.Add($"{where}.objective: found {_objective[j]}; allowed: a finite number");
            CheckBounds(faults, where, _columnLower[j], _columnUpper[j]);
        }

        for (var i = 0; i < RowCount; i++)
            CheckBounds(faults, $"$.rows[{i}] ({_rowNames[i] ?? "unnamed"})", _rowLower[i], _rowUpper[i]);
        for (var k = 0; k < _terms.Count; k++)
        {
            var (row, column, value) = _terms[k];
            if (row < 0 || row >= RowCount)
                faults.Add($"$.terms[{k}].row: found {row}; allowed: 0 to {RowCount - 1}");
            if (column < 0 || column >= ColumnCount)
                faults.Add($"$.terms[{k}].column: found {column}; allowed: 0 to {ColumnCount - 1}");
            if (!double.IsFinite(value))
                faults.Add($"$.terms[{k}].value: found {value}; allowed: a finite number");
        }

        return faults;
    }

    // lower > upper is allowed: that program is well formed, and infeasible.
    private static void CheckBounds(List<string> faults, string where, double lower, double upper)
    {
        if (double.IsNaN(lower) || double.IsPositiveInfinity(lower))
            faults.Add($"{where}.lower: found {lower}; allowed: a finite number or -Infinity");
        if (double.IsNaN(upper) || double.IsNegativeInfinity(upper))
            faults.Add($"{where}.upper: found {upper}; allowed: a finite number or Infinity");
    }

    private (int[] Starts, int[] Rows, double[] Values) Compile()
    {
        // Two counting passes sort the terms by column and, within it, by row, in linear time.
        var byRow = CountingSort(_terms, RowCount, static t => t.Row);
        var sorted = CountingSort(byRow, ColumnCount, static t => t.Column);
        var starts = new int[ColumnCount + 1];
        var rows = new int[sorted.Count];
        var values = new double[sorted.Count];
        var count = 0;
        for (var k = 0; k < sorted.Count;)
        {
            var (row, column, value) = sorted[k++];
            while (k < sorted.Count && sorted[k].Row == row && sorted[k].Column == column)
                value += sorted[k++].Value;
            if (value == 0)
                continue;
            rows[count] = row;
            values[count++] = value;
            starts[column + 1]++;
        }

        for (var j = 0; j < ColumnCount; j++)
            starts[j + 1] += starts[j];
        Array.Resize(ref rows, count);
        Array.Resize(ref values, count);
        return (starts, rows, values);
    }

    private static List<(int Row, int Column, double Value)> CountingSort(
        List<(int Row, int Column, double Value)> terms, int keys, Func<(int Row, int Column, double Value), int> key)
    {
        var next = new int[keys + 1];
        foreach (var term in terms)
            next[key(term) + 1]++;
        for (var i = 0; i < keys; i++)
            next[i + 1] += next[i];
        var sorted = new (int Row, int Column, double Value)[terms.Count];
        foreach (var term in terms)
            sorted[next[key(term)]++] = term;
        return [.. sorted];
    }
}

using System.Globalization;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>A CSV file whose cells are asked for column by column. For files that fit in memory; see <see cref="CsvRows"/> for others.</summary>
internal sealed class CsvTable
{
    private readonly string _source;
    private readonly FaultList _faults;
    private readonly IReadOnlyList<string> _header;
    private readonly List<(int Line, string[] Cells)> _rows = [];

    private CsvTable(string source, FaultList faults, IReadOnlyList<string> header)
    {
        _source = source;
        _faults = faults;
        _header = header;
    }

    /// <summary>Reads a text; reports a missing header, rows of another length and a file without rows. Null after faults.</summary>
    /// <param name="csv">The text.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <param name="faults">Takes the faults.</param>
    /// <param name="header">Names of the columns of a file without a header.</param>
    public static CsvTable? Read(string csv, string source, FaultList faults, IReadOnlyList<string>? header = null)
    {
        using var rows = CsvRows.Open(new StringReader(csv), source, faults, header);
        return rows is null ? null : Read(rows, faults);
    }

    /// <summary>Reads all rows that are left; null after faults.</summary>
    public static CsvTable? Read(CsvRows rows, FaultList faults)
    {
        var table = new CsvTable(rows.Source, faults, rows.Header);
        while (rows.Next())
        {
            var cells = new string[rows.Header.Count];
            for (var i = 0; i < cells.Length; i++)
                cells[i] = rows[i].ToString();
            table._rows.Add((rows.Line, cells));
        }

        if (table._rows.Count == 0)
            rows.IsEmpty();
        return rows.HasFaults ? null : table;
    }

    public bool Has(string column) => IndexOf(column) >= 0;

    /// <summary>Reports that a column is missing.</summary>
    public void Lacks(string column) => _faults.Add($"{_source} line 1", $"column {column} is missing", string.Join(',', _header));

    /// <summary>Reports a fault of one row.</summary>
    public void Fault(int row, string message, string found, string allowed) => _faults.Add($"{_source} line {_rows[row].Line}", message, found, allowed);

    public string[] Texts(string column)
    {
        var at = IndexOf(column);
        return [.. _rows.Select(r => r.Cells[at])];
    }

    /// <summary>Reads the numbers of a column; an empty cell is <paramref name="empty"/> where that is given.</summary>
    public double[] Numbers(string column, double least, double most, double? empty = null)
    {
        var at = IndexOf(column);
        var numbers = new double[_rows.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var cell = _rows[i].Cells[at];
            if (cell.Length == 0 && empty is { } nothing)
                numbers[i] = nothing;
            else if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !(numbers[i] >= least && numbers[i] <= most))
                Fault(i, $"{column} is not a number in range", $"\"{cell}\"", $"from {least} to {most}");
        }

        return numbers;
    }

    private int IndexOf(string column)
    {
        for (var i = 0; i < _header.Count; i++)
        {
            if (_header[i] == column)
                return i;
        }

        return -1;
    }
}

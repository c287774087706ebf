using System.Globalization;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>CSV table with a header, without quoting. Blank lines and lines that begin with # are skipped.</summary>
internal sealed class CsvTable
{
    private readonly string _source;
    private readonly FaultList _faults;
    private readonly string[] _header;
    private readonly List<(int Line, string[] Cells)> _rows = [];

    private CsvTable(string source, FaultList faults, string[] header)
    {
        _source = source;
        _faults = faults;
        _header = header;
    }

    public int Count => _rows.Count;

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Header => _header;

    /// <summary>Splits; reports a missing header, rows of another length and a file without rows. Null after faults.</summary>
    /// <param name="csv">The text.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <param name="faults">Takes the faults.</param>
    /// <param name="headerLines">Lines that the caller put before the file's own; they do not count in messages.</param>
    public static CsvTable? Read(string csv, string source, FaultList faults, int headerLines = 0)
    {
        var before = faults.Count;
        CsvTable? table = null;
        var number = -headerLines;
        foreach (var line in csv.AsSpan().EnumerateLines())
        {
            number++;
            var text = line.Trim();
            if (text.IsEmpty || text[0] == '#')
                continue;
            var cells = text.ToString().Split(',', StringSplitOptions.TrimEntries);
            if (table is null)
                table = new CsvTable(source, faults, cells);
            else if (cells.Length == table._header.Length)
                table._rows.Add((number, cells));
            else
                faults.Add($"{source} line {number}", "wrong number of columns", $"{cells.Length}", $"{table._header.Length}");
        }

        if (table is null or { Count: 0 } && faults.Count == before)
            faults.Add($"{source} line {Math.Max(1, number)}", table is null ? "there is no header" : "there are no rows below the header");
        return faults.Count == before ? table : null;
    }

    public bool Has(string column) => Array.IndexOf(_header, column) >= 0;

    /// <summary>Reports columns other than the given ones.</summary>
    public void Allow(params string[] columns)
    {
        foreach (var cell in _header.Where(c => !columns.Contains(c)))
            _faults.Add($"{_source} line 1", "unknown column", $"\"{cell}\"", Names.Allowed(cell, columns));
    }

    /// <summary>Reports that a column is missing.</summary>
    public void Lacks(string column) => _faults.Add($"{_source} line 1", $"column {column} is missing", string.Join(',', _header));

    /// <summary>Reports a fault of one row.</summary>
    public void Fault(int row, string message, string found, string allowed) => _faults.Add($"{_source} line {_rows[row].Line}", message, found, allowed);

    public string[] Texts(string column)
    {
        var at = Array.IndexOf(_header, column);
        return [.. _rows.Select(r => r.Cells[at])];
    }

    /// <summary>Reads the numbers of a column; an empty cell is <paramref name="empty"/> where that is given.</summary>
    public double[] Numbers(string column, double least, double most, double? empty = null)
    {
        var at = Array.IndexOf(_header, column);
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
}

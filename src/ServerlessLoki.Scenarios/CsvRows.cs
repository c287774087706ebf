using System.Globalization;
using nietras.SeparatedValues;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Rows of a CSV file, one after the other, so that a file of gigabytes is never held whole. Cells may be quoted as RFC 4180 says.
/// Blank lines and lines that begin with # are skipped.</summary>
internal sealed class CsvRows : IDisposable
{
    private readonly SepReader _reader;
    private readonly FaultList _faults;
    private readonly int _before;

    private CsvRows(SepReader reader, string source, FaultList faults) => (_reader, Source, _faults, _before) = (reader, source, faults, faults.Count);

    /// <summary>Name of the file, for messages.</summary>
    public string Source { get; }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Header { get; private set; } = [];

    /// <summary>Line of the present row, from 1; a row that spans lines is where it begins.</summary>
    public int Line { get; private set; }

    /// <summary>Whether a fault was found since the file was opened.</summary>
    public bool HasFaults => _faults.Count > _before;

    /// <summary>Cell of the present row, without quotes and blanks around it. Valid until the next row is read.</summary>
    /// <param name="column">Index in <see cref="Header"/>.</param>
    public ReadOnlySpan<char> this[int column] => _reader.Current[column].Span.Trim();

    /// <summary>Opens a file and reads its header; null after a fault.</summary>
    /// <param name="text">The file; disposed with the rows.</param>
    /// <param name="source">Its name, for messages.</param>
    /// <param name="faults">Takes the faults.</param>
    /// <param name="header">Names of the columns of a file without a header.</param>
    public static CsvRows? Open(TextReader text, string source, FaultList faults, IReadOnlyList<string>? header = null)
    {
        var reader = Sep.New(',').Reader(static o => o with { HasHeader = false, DisableColCountCheck = true, Unescape = true }).From(text);
        var rows = new CsvRows(reader, source, faults);
        if (header is not null)
        {
            rows.Header = header;
            return rows;
        }

        if (rows.Move())
        {
            rows.Header = [.. Enumerable.Range(0, reader.Current.ColCount).Select(i => rows[i].ToString())];
            return rows;
        }

        if (!rows.HasFaults)
            faults.Add($"{source} line 1", "there is no header");
        rows.Dispose();
        return null;
    }

    /// <summary>Goes to the next row with a cell for each column; reports the others. False at the end.</summary>
    public bool Next()
    {
        while (Move())
        {
            if (_reader.Current.ColCount == Header.Count)
                return true;
            Fault("wrong number of columns", _reader.Current.ColCount.ToString(CultureInfo.InvariantCulture), $"{Header.Count}");
        }

        return false;
    }

    public bool Has(string column) => IndexOf(column) >= 0;

    /// <summary>Index of a column; −1 where there is none.</summary>
    public int IndexOf(string column)
    {
        for (var i = 0; i < Header.Count; i++)
        {
            if (Header[i] == column)
                return i;
        }

        return -1;
    }

    /// <summary>Reports that a column is missing.</summary>
    public void Lacks(string column) => _faults.Add($"{Source} line 1", $"column {column} is missing", string.Join(',', Header.Take(30)) + (Header.Count > 30 ? ",…" : ""));

    /// <summary>Reports columns other than the given ones.</summary>
    public void Allow(params string[] columns)
    {
        foreach (var cell in Header.Where(c => !columns.Contains(c)))
            _faults.Add($"{Source} line 1", "unknown column", $"\"{cell}\"", Names.Allowed(cell, columns));
    }

    /// <summary>Reports that the file ended without a row, unless there were faults.</summary>
    public void IsEmpty()
    {
        if (!HasFaults)
            _faults.Add($"{Source} line {Math.Max(1, Line)}", "there are no rows below the header");
    }

    /// <summary>Reports a fault of the present row.</summary>
    public void Fault(string message, string? found, string allowed) => _faults.Add($"{Source} line {Line}", message, found, allowed);

    /// <summary>Reports a fault of the whole file.</summary>
    public void FileFault(string message, string? found, string allowed) => _faults.Add(Source, message, found, allowed);

    /// <summary>Reads a number of the present row; a fault where it is none, or out of range.</summary>
    public double? Number(int column, double least, double most)
    {
        var cell = this[column];
        if (double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Fault($"{Header[column]} is not a number in range", $"\"{cell}\"", $"from {least} to {most}");
        return null;
    }

    public void Dispose() => _reader.Dispose();

    private bool Move()
    {
        try
        {
            while (_reader.MoveNext())
            {
                Line = _reader.Current.LineNumberFrom;
                var first = _reader.Current.ColCount == 0 ? [] : _reader.Current[0].Span.Trim();
                if (!(first.IsEmpty && _reader.Current.ColCount <= 1) && !first.StartsWith('#'))
                    return true;
            }
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            // A quote that nothing closes makes a row of all that follows.
            _faults.Add($"{Source} line {Line + 1}", "the row cannot be read", e.Message, "cells separated by commas, quotes in pairs");
        }

        return false;
    }
}

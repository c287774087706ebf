using System.Collections.Immutable;
using System.Globalization;
using Microsoft.VisualBasic.FileIO;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Reader of CSV files whose first line names the columns; fields may be quoted.</summary>
internal static class CsvSamples
{
    /// <summary>Reads all rows.</summary>
    /// <param name="file">File to read.</param>
    /// <param name="fields">Meaning of the columns.</param>
    /// <param name="faults">Receives faults.</param>
    /// <param name="ignored">Receives columns that are not used.</param>
    public static List<Sample> Read(FileInfo file, SampleFields fields, DataFaults faults, ISet<string> ignored)
    {
        using var parser = new TextFieldParser(file.FullName) { TextFieldType = FieldType.Delimited, Delimiters = [","], HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = false };
        var names = Next(parser, file.Name, faults) ?? [];
        ignored.UnionWith(names.Where(n => !fields.IsKnown(n)));
        foreach (var twice in names.GroupBy(static n => n, StringComparer.Ordinal).Where(static g => g.Count() > 1))
            faults.Add($"{file.Name}:1", $"column '{twice.Key}' stands there twice");
        var samples = new List<Sample>();
        while (!parser.EndOfData)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{parser.LineNumber}");
            if (Next(parser, place, faults) is not { } values)
                continue;
            if (values.Length != names.Length)
                faults.Add(place, string.Create(CultureInfo.InvariantCulture, $"{values.Length} fields, the first line names {names.Length} columns; quote fields that hold a comma"));
            else if (fields.Read(place, Row(names, values)) is { } sample)
                samples.Add(sample);
        }

        return samples;
    }

    /// <summary>Empty cells say nothing.</summary>
    private static Dictionary<string, ImmutableArray<string>> Row(string[] names, string[] values)
    {
        var row = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (values[i].Length > 0)
                row[names[i]] = [values[i]];
        }

        return row;
    }

    private static string[]? Next(TextFieldParser parser, string place, DataFaults faults)
    {
        try
        {
            return parser.ReadFields();
        }
        catch (MalformedLineException)
        {
            faults.Add(place, "its quotes do not match");
            return null;
        }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Reader of files with one JSON object a line.</summary>
internal static class JsonLinesSamples
{
    /// <summary>Reads all lines; blank ones say nothing.</summary>
    /// <param name="file">File to read.</param>
    /// <param name="fields">Meaning of the members.</param>
    /// <param name="faults">Receives faults.</param>
    /// <param name="ignored">Receives members that are not used.</param>
    public static List<Sample> Read(FileInfo file, SampleFields fields, DataFaults faults, ISet<string> ignored)
    {
        var samples = new List<Sample>();
        var number = 0;
        foreach (var line in File.ReadLines(file.FullName))
        {
            number++;
            var place = string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{number}");
            if (string.IsNullOrWhiteSpace(line) || Parse(line, place, faults) is not { } row)
                continue;
            ignored.UnionWith(row.Keys.Where(n => !fields.IsKnown(n)));
            if (fields.Read(place, row) is { } sample)
                samples.Add(sample);
        }

        return samples;
    }

    private static Dictionary<string, ImmutableArray<string>>? Parse(string line, string place, DataFaults faults)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var row = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member is { Name: "parameters", Value.ValueKind: JsonValueKind.Object })
                {
                    foreach (var parameter in member.Value.EnumerateObject())
                        row[$"parameters.{parameter.Name}"] = Values(parameter.Value);
                }
                else
                {
                    row[member.Name] = Values(member.Value);
                }
            }

            return row;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            faults.Add(place, "it is no JSON object");
            return null;
        }
    }

    private static ImmutableArray<string> Values(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().SelectMany(static v => Values(v).AsEnumerable())],
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Null => [],
        _ => [value.GetRawText()],
    };
}

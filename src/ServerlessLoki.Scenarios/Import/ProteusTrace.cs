using System.Globalization;
using System.Text;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>Queries of a recorded trace of Proteus: one file a family, with lines <c>milliseconds,class,objective in milliseconds</c>.</summary>
internal sealed class ProteusTrace
{
    private readonly List<(long AtMs, string Family)> _queries = [];

    /// <summary>Arrival times of all queries added so far, milliseconds.</summary>
    public IEnumerable<long> TimesMs => _queries.Select(q => q.AtMs);

    /// <summary>Adds the queries of a family.</summary>
    /// <returns>The latency objective of its queries, milliseconds: the least where they differ; null without queries.</returns>
    /// <exception cref="ScenarioFormatException">A line has another form; lists all of them.</exception>
    public double? Add(string family, string text, string path)
    {
        var faults = new FaultList();
        double? slo = null;
        var number = 0;
        Span<Range> parts = stackalloc Range[4];
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace())
                continue;
            if (line.Split(parts, ',') == 3 && long.TryParse(line[parts[0]], NumberStyles.None, CultureInfo.InvariantCulture, out var atMs)
                && double.TryParse(line[parts[2]], NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) && ms > 0)
            {
                _queries.Add((atMs, family));
                slo = slo is { } least ? Math.Min(least, ms) : ms;
            }
            else
            {
                faults.Add($"{path} line {number}", "not a query", $"\"{line}\"", "milliseconds since the start, a class, the latency objective in milliseconds");
            }
        }

        return faults.Count == 0 ? slo : throw new ScenarioFormatException(path, faults.All);
    }

    /// <summary>The queries as a trace that scenarios take.</summary>
    public string Csv()
    {
        var text = new StringBuilder("at_ms,pipeline\n");
        foreach (var (atMs, family) in _queries.OrderBy(q => q.AtMs))
            text.Append(CultureInfo.InvariantCulture, $"{atMs},{family}\n");
        return text.ToString();
    }
}

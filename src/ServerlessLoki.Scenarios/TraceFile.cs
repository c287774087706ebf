using System.Collections.Immutable;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads traffic that stands alone in a CSV file: a recorded trace (at_ms or at_s, …), rates by the second in a column qps or in
/// one column by pipeline, a request log with a column of times, or counts by the minute in columns 1, 2, 3, …</summary>
public static class TraceFile
{
    /// <summary>Reads traffic for the pipelines of a scenario.</summary>
    /// <param name="csv">The file; read to its end. Of a request log only the times are held, of counts only their sums.</param>
    /// <param name="source">Name of the file for messages; becomes the traffic's name.</param>
    /// <param name="pipelines">Names of the pipelines.</param>
    /// <exception cref="ScenarioFormatException">The text has faults; lists all.</exception>
    public static ScenarioTrace Read(TextReader csv, string source, ImmutableArray<string> pipelines)
    {
        ArgumentNullException.ThrowIfNull(csv);
        ArgumentNullException.ThrowIfNull(source);
        var faults = new FaultList();
        using var rows = CsvRows.Open(csv, source, faults);
        var arrivals = rows is null ? null : Arrivals(rows, faults, pipelines);
        return faults.Count == 0 && arrivals is not null ? new ScenarioTrace(source, arrivals) : throw new ScenarioFormatException(source, faults.All);
    }

    private static IArrivals? Arrivals(CsvRows rows, FaultList faults, ImmutableArray<string> pipelines)
    {
        if (rows.Has("at_ms") || rows.Has("at_s"))
            return TimestampsReader.Read(rows, faults, [.. pipelines], pipelines.Length == 1 ? pipelines[0] : null, 1);
        // A log of others does not know the pipelines here.
        if (pipelines.Length == 1 && !rows.Has("qps") && !rows.Has(pipelines[0]))
        {
            if (TimeColumn.Of(rows.Header) is { } column)
                return RequestLog.Read(rows, column, null, 0, 0, 1e9, 1);
            if (rows.Has("1"))
            {
                var counts = RequestLog.CountColumns(rows);
                return counts.IsEmpty ? null : Simulation.Traffic.Arrivals.Replay(RequestLog.Rates(rows, counts, 60), TimeSpan.FromMinutes(1));
            }
        }

        return Rates(rows, faults, pipelines);
    }

    private static IArrivals? Rates(CsvRows rows, FaultList faults, ImmutableArray<string> pipelines)
    {
        var columns = pipelines.Length == 1 && rows.Has("qps") ? ["qps"] : pipelines;
        foreach (var column in columns.Where(c => !rows.Has(c)))
            rows.Lacks(column);
        rows.Allow(["second", .. columns]);
        return CsvTable.Read(rows, faults) is not { } table ? null
            : Simulation.Traffic.Arrivals.Merge(columns.Select((c, i) => Simulation.Traffic.Arrivals.Replay(table.Numbers(c, 0, 1e9), pipeline: i)));
    }
}

using System.Collections.Immutable;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads traffic that stands alone in a CSV file: a recorded trace (at_ms or at_s, …), rates by the second in a column qps or in
/// one column by pipeline, a request log with a column of times, or counts by the minute in columns 1, 2, 3, …</summary>
public static class TraceFile
{
    /// <summary>Reads traffic for the pipelines of a scenario.</summary>
    /// <param name="csv">Text of the file.</param>
    /// <param name="source">Name of the file for messages; becomes the traffic's name.</param>
    /// <param name="pipelines">Names of the pipelines.</param>
    /// <exception cref="ScenarioFormatException">The text has faults; lists all.</exception>
    public static ScenarioTrace Read(string csv, string source, ImmutableArray<string> pipelines)
    {
        ArgumentNullException.ThrowIfNull(csv);
        ArgumentNullException.ThrowIfNull(source);
        var faults = new FaultList();
        IArrivals? arrivals = null;
        if (CsvTable.Read(csv, source, faults) is { } table)
            arrivals = Arrivals(table, pipelines);
        return faults.Count == 0 && arrivals is not null ? new ScenarioTrace(source, arrivals) : throw new ScenarioFormatException(source, faults.All);
    }

    private static IArrivals? Arrivals(CsvTable table, ImmutableArray<string> pipelines)
    {
        if (table.Has("at_ms") || table.Has("at_s"))
            return TimestampsReader.Read(table, [.. pipelines], pipelines.Length == 1 ? pipelines[0] : null, 1);
        // A log of others does not know the pipelines here.
        if (pipelines.Length == 1 && !table.Has("qps") && !table.Has(pipelines[0]))
        {
            if (TimeColumn.Of(table.Header) is { } column)
                return RequestLog.Read(table, column, TimeColumn.Units[0], 0, 0, 1e9, 1);
            if (RequestLog.CountColumns(table.Header) is { IsEmpty: false } counts)
                return Simulation.Traffic.Arrivals.Replay(RequestLog.Rates(table, counts, 60), TimeSpan.FromMinutes(1));
        }

        return Rates(table, pipelines);
    }

    private static IArrivals? Rates(CsvTable table, ImmutableArray<string> pipelines)
    {
        var columns = pipelines.Length == 1 && table.Has("qps") ? ["qps"] : pipelines;
        var missing = columns.Where(c => !table.Has(c)).ToArray();
        foreach (var column in missing)
            table.Lacks(column);
        table.Allow(["second", .. columns]);
        return missing.Length > 0 ? null : Simulation.Traffic.Arrivals.Merge(columns.Select((c, i) => Simulation.Traffic.Arrivals.Replay(table.Numbers(c, 0, 1e9), pipeline: i)));
    }
}

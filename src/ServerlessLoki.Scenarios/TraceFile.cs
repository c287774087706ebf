using System.Collections.Immutable;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads traffic that stands alone in a CSV file: a recorded trace (at_ms or at_s, …), or rates by the second in a column
/// qps or in one column by pipeline.</summary>
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
            arrivals = table.Has("at_ms") || table.Has("at_s") ? TimestampsReader.Read(table, [.. pipelines], pipelines.Length == 1 ? pipelines[0] : null, 1) : Rates(table, pipelines);
        return faults.Count == 0 && arrivals is not null ? new ScenarioTrace(source, arrivals) : throw new ScenarioFormatException(source, faults.All);
    }

    private static IArrivals? Rates(CsvTable table, ImmutableArray<string> pipelines)
    {
        var columns = pipelines.Length == 1 && table.Has("qps") ? ["qps"] : pipelines;
        var missing = columns.Where(c => !table.Has(c)).ToArray();
        foreach (var column in missing)
            table.Lacks(column);
        table.Allow(["second", .. columns]);
        return missing.Length > 0 ? null : Arrivals.Merge(columns.Select((c, i) => Arrivals.Replay(table.Numbers(c, 0, 1e9), pipeline: i)));
    }
}

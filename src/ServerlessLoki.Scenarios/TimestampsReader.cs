using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads a recorded trace: a CSV with <c>at_ms</c> or <c>at_s</c>, and where queries have them <c>latency_ms</c> (their own
/// deadline, in place of the SLO), <c>min_accuracy</c> and <c>pipeline</c>; or a <see cref="RequestLog"/>, of which one column counts. The
/// order of the rows does not matter.</summary>
internal sealed class TimestampsReader(string[] pipelines, ScenarioSource source)
{
    private const double MostMs = 1e12;

    public IArrivals? Read(JsonValue item)
    {
        var speed = (item.TryOptional("speed", out var s) ? s.Number(1e-6, 1e6) : null) ?? 1;
        var all = item.TryOptional("pipeline", out var p) ? p.OneOf(pipelines) : pipelines.Length == 1 ? pipelines[0] : null;
        return item.TryRequired("csv", "path of a trace", out var path) ? source.Csv(path, rows => Read(item, rows, all, speed)) : null;
    }

    private IArrivals? Read(JsonValue item, CsvRows rows, string? all, double speed)
    {
        if (item.TryOptional("timeColumn", out var time))
            return all is null ? AskNothing(item) : Log(item, time, rows, Array.IndexOf(pipelines, all), speed);
        foreach (var key in (string[])["timeUnit", "fromSeconds", "seconds"])
        {
            if (item.TryOptional(key, out var only))
                only.Fault($"{key} has no meaning without timeColumn", null, "\"timeColumn\" beside it, for a log with times in a column of its own");
        }

        if (!rows.Has("pipeline") && all is null)
        {
            item.Fault("it is not said which pipeline the queries ask", null, $"\"pipeline\": one of {string.Join(", ", pipelines)}, or a column pipeline in the trace");
            return null;
        }

        return Read(rows, source.Faults, pipelines, all, speed);
    }

    private IArrivals? AskNothing(JsonValue item)
    {
        item.Fault("it is not said which pipeline the queries ask", null, $"\"pipeline\": one of {string.Join(", ", pipelines)}");
        return null;
    }

    private static IArrivals? Log(JsonValue item, JsonValue column, CsvRows rows, int pipeline, double speed)
    {
        var unit = item.TryOptional("timeUnit", out var u) ? u.OneOf(TimeColumn.Units) : null;
        var from = (item.TryOptional("fromSeconds", out var f) ? f.Number(0, 1e9) : null) ?? 0;
        var seconds = (item.TryOptional("seconds", out var s) ? s.Number(0.001, 1e9) : null) ?? 1e9;
        if (column.Text() is not { } name)
            return null;
        if (rows.Has(name))
            return RequestLog.Read(rows, name, unit, pipeline, from, seconds, speed);
        rows.Lacks(name);
        return null;
    }

    /// <summary>Reads the arrivals of a recorded trace; null after a fault that leaves none.</summary>
    /// <param name="rows">The trace, before its first row.</param>
    /// <param name="faults">Takes the faults.</param>
    /// <param name="pipelines">Names of all pipelines.</param>
    /// <param name="all">Pipeline of queries that name none; null = each must name one.</param>
    /// <param name="speed">Speed of the replay, above 0; 2 = twice as fast.</param>
    public static IArrivals? Read(CsvRows rows, FaultList faults, string[] pipelines, string? all, double speed)
    {
        rows.Allow("at_ms", "at_s", "latency_ms", "min_accuracy", "pipeline");
        var inMs = rows.Has("at_ms");
        if (inMs == rows.Has("at_s"))
        {
            rows.Lacks("at_ms (or at_s, not both)");
            return null;
        }

        if (!rows.Has("pipeline") && all is null)
        {
            rows.Lacks("pipeline");
            return null;
        }

        return CsvTable.Read(rows, faults) is { } table ? new RecordedArrivals(Arrivals(table, inMs, speed, pipelines, all)) : null;
    }

    private static ImmutableArray<Arrival> Arrivals(CsvTable table, bool inMs, double speed, string[] pipelines, string? all)
    {
        var times = table.Numbers(inMs ? "at_ms" : "at_s", 0, MostMs);
        var bounds = table.Has("latency_ms") ? table.Numbers("latency_ms", 0, MostMs, empty: double.NaN) : null;
        var accuracies = table.Has("min_accuracy") ? table.Numbers("min_accuracy", 0, 1, empty: 0) : null;
        var asked = table.Has("pipeline") ? Asked(table, pipelines) : null;
        var toUs = (inMs ? 1e3 : 1e6) / speed;
        var fixedPipeline = Math.Max(0, Array.IndexOf(pipelines, all));
        var arrivals = new Arrival[times.Length];
        for (var i = 0; i < arrivals.Length; i++)
        {
            long? bound = bounds is null || double.IsNaN(bounds[i]) ? null : (long)(bounds[i] * 1000);
            arrivals[i] = new Arrival((long)(times[i] * toUs), asked?[i] ?? fixedPipeline, bound, accuracies?[i] ?? 0);
        }

        // Stable, so that queries of one moment keep the order of the file.
        return [.. arrivals.OrderBy(a => a.AtUs)];
    }

    private static int[] Asked(CsvTable table, string[] pipelines)
    {
        var names = table.Texts("pipeline");
        var indices = new int[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            indices[i] = Array.IndexOf(pipelines, names[i]);
            if (indices[i] >= 0)
                continue;
            table.Fault(i, "unknown pipeline", $"\"{names[i]}\"", Names.Allowed(names[i], pipelines));
            indices[i] = 0;
        }

        return indices;
    }
}

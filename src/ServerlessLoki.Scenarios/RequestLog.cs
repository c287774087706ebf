using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios;

/// <summary>Arrivals from logs that others wrote: a time in each row (the public traces of Azure's language models, web logs), or counts by
/// the minute in columns (the public traces of Azure Functions). Other columns are passed over.</summary>
internal static class RequestLog
{
    /// <summary>A query for each row.</summary>
    /// <param name="table">The log.</param>
    /// <param name="column">Its column of times.</param>
    /// <param name="unit">One of <see cref="TimeColumn.Units"/>.</param>
    /// <param name="pipeline">Index of the pipeline that is asked.</param>
    /// <param name="fromSeconds">Rows before are left out, seconds after the first.</param>
    /// <param name="seconds">Length that is taken, seconds.</param>
    /// <param name="speed">Above 0; 2 = twice as fast.</param>
    public static IArrivals Read(CsvTable table, string column, string unit, int pipeline, double fromSeconds, double seconds, double speed)
    {
        var (from, to) = (fromSeconds * 1e6, (fromSeconds + seconds) * 1e6);
        var times = TimeColumn.Read(table, column, unit).Where(t => t >= from && t < to).Select(t => (long)((t - from) / speed)).Order().ToArray();
        if (times.Length == 0)
            table.Fault(0, "no row lies in the stretch", $"from {fromSeconds} s for {seconds} s", "a stretch that holds rows");
        return new RecordedArrivals([.. times.Select(t => new Arrival(t, pipeline, null, 0))]);
    }

    /// <summary>Columns 1, 2, 3, … of counts; empty when the table has none.</summary>
    public static ImmutableArray<string> CountColumns(IReadOnlyList<string> header)
    {
        var columns = ImmutableArray.CreateBuilder<string>();
        var known = header.ToHashSet(StringComparer.Ordinal);
        for (var next = "1"; known.Contains(next); next = (columns.Count + 1).ToString(CultureInfo.InvariantCulture))
            columns.Add(next);
        return columns.ToImmutable();
    }

    /// <summary>Rates from counts: all rows together, a column a step.</summary>
    public static double[] Rates(CsvTable table, ImmutableArray<string> columns, double stepSeconds) =>
        [.. columns.Select(c => table.Numbers(c, 0, 1e9).Sum() / stepSeconds)];
}

using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Scenarios;

/// <summary>Arrivals from logs that others wrote: a time in each row (the public traces of Azure's language models, web logs), or counts by
/// the minute in columns (the public traces of Azure Functions). Other columns are passed over.</summary>
internal static class RequestLog
{
    /// <summary>Reads a query for each row; null after a fault.</summary>
    /// <param name="rows">The log, before its first row.</param>
    /// <param name="column">Its column of times.</param>
    /// <param name="unit">One of <see cref="TimeColumn.Units"/>; null = as the size of the first number tells.</param>
    /// <param name="pipeline">Index of the pipeline that is asked.</param>
    /// <param name="fromSeconds">Rows before are left out, seconds after the first.</param>
    /// <param name="seconds">Length that is taken, seconds.</param>
    /// <param name="speed">Above 0; 2 = twice as fast.</param>
    public static IArrivals? Read(CsvRows rows, string column, string? unit, int pipeline, double fromSeconds, double seconds, double speed)
    {
        var (from, to) = (fromSeconds * 1e6, (fromSeconds + seconds) * 1e6);
        var all = TimeColumn.Read(rows, column, unit);
        if (rows.HasFaults)
            return null;
        var times = all.Where(t => t >= from && t < to).Select(t => (long)((t - from) / speed)).Order().ToArray();
        if (times.Length > 0)
            return new RecordedArrivals([.. times.Select(t => new Arrival(t, pipeline, null, 0))]);
        if (all.Count == 0)
            rows.IsEmpty();
        else
            rows.FileFault("no row lies in the stretch", $"from {fromSeconds} s for {seconds} s", "a stretch that holds rows");
        return null;
    }

    /// <summary>Indices of the columns 1, 2, 3, … of counts, in their order; empty when the table has none, or after a fault: one of them is
    /// missing or stands twice.</summary>
    public static ImmutableArray<int> CountColumns(CsvRows rows)
    {
        var columns = rows.Header.Select((name, at) => (Minute: int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var m) ? m : 0, At: at))
            .Where(c => c.Minute > 0).OrderBy(c => c.Minute).ToArray();
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Minute == i + 1)
                continue;
            rows.FileFault("the columns of counts have a gap or stand twice", $"after column {i} comes column {columns[i].Minute}", "columns 1, 2, 3, … without a gap");
            return [];
        }

        return [.. columns.Select(c => c.At)];
    }

    /// <summary>Rates from counts: all rows together, a column a step.</summary>
    public static double[] Rates(CsvRows rows, ImmutableArray<int> columns, double stepSeconds)
    {
        var sums = new double[columns.Length];
        var any = false;
        while (rows.Next())
        {
            any = true;
            for (var i = 0; i < sums.Length; i++)
                sums[i] += rows.Number(columns[i], 0, 1e9) ?? 0;
        }

        if (!any)
            rows.IsEmpty();
        return [.. sums.Select(s => s / stepSeconds)];
    }
}

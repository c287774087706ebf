using System.Globalization;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads the times of a request log: date and time, or numbers in a unit.</summary>
internal static class TimeColumn
{
    /// <summary>Units of numbers; the first is the default.</summary>
    public static readonly string[] Units = ["s", "ms", "us", "ns"];

    private const decimal MostUs = 4e18m;
    private static readonly string[] Known = ["timestamp", "time", "datetime", "date", "end_timestamp", "start_timestamp", "arrival_time", "arrived_at"];

    /// <summary>The column that holds times by its name; null when none does, or several do.</summary>
    public static string? Of(IReadOnlyList<string> header)
    {
        var found = header.Where(h => Known.Contains(h, StringComparer.OrdinalIgnoreCase)).ToArray();
        return found.Length == 1 ? found[0] : null;
    }

    /// <summary>Times of all rows, microseconds after the earliest.</summary>
    /// <param name="table">The log.</param>
    /// <param name="column">Its column of times.</param>
    /// <param name="unit">One of <see cref="Units"/>, for times that are numbers.</param>
    public static long[] Read(CsvTable table, string column, string unit)
    {
        var cells = table.Texts(column);
        var isNumber = cells.Length > 0 && decimal.TryParse(cells[0], NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        var times = new long[cells.Length];
        for (var i = 0; i < cells.Length; i++)
        {
            if ((isNumber ? OfNumber(cells[i], unit) : OfDate(cells[i])) is { } us)
                times[i] = us;
            else
                table.Fault(i, $"{column} is no time", $"\"{cells[i]}\"", isNumber ? "a number, as in the first row" : "a date and time such as 2023-11-16 18:17:03.98, or numbers in all rows");
        }

        var earliest = times.Length == 0 ? 0 : times.Min();
        return [.. times.Select(t => t - earliest)];
    }

    // Decimal: nanoseconds since 1970 have more digits than a double.
    private static long? OfNumber(string cell, string unit)
    {
        if (!decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return null;
        var factor = unit switch { "s" => 1_000_000m, "ms" => 1000m, "us" => 1m, _ => 0.001m };
        // Bounded before it is multiplied, and so that a difference of two times is a time too.
        return Math.Abs(number) <= MostUs / factor ? (long)(number * factor) : null;
    }

    private static long? OfDate(string cell) =>
        DateTimeOffset.TryParse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at.Ticks / TimeSpan.TicksPerMicrosecond : null;
}

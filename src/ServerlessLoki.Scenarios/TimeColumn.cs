using System.Globalization;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads the times of a request log: date and time, time of day, or numbers in a unit.</summary>
internal static class TimeColumn
{
    /// <summary>Units of numbers.</summary>
    public static readonly string[] Units = ["s", "ms", "us", "ns"];

    private const decimal MostUs = 4e18m;
    private const long DayUs = 86_400_000_000;
    private static readonly string[] Known = ["timestamp", "time", "datetime", "date", "end_timestamp", "start_timestamp", "arrival_time", "arrived_at"];
    private static readonly string[] Clock = ["H:m", "H:m:s", "H:m:s.FFFFFFF"];

    /// <summary>The column that holds times by its name; null when none does, or several do.</summary>
    public static string? Of(IReadOnlyList<string> header)
    {
        var found = header.Where(h => Known.Contains(h, StringComparer.OrdinalIgnoreCase)).ToArray();
        return found.Length == 1 ? found[0] : null;
    }

    /// <summary>Reads the times of all rows, microseconds after the earliest.</summary>
    /// <param name="rows">The log, before its first row.</param>
    /// <param name="column">Its column of times.</param>
    /// <param name="unit">One of <see cref="Units"/>, for times that are numbers; null = as the size of the first number tells: seconds, or since
    /// 1970 milliseconds, microseconds or nanoseconds.</param>
    public static List<long> Read(CsvRows rows, string column, string? unit)
    {
        var at = rows.IndexOf(column);
        var times = new List<long>();
        var form = Form.Unknown;
        var (day, last) = (0L, 0L);
        while (rows.Next())
        {
            var cell = rows[at];
            if (form == Form.Unknown)
            {
                form = FormOf(cell);
                unit ??= form == Form.Number ? UnitOf(cell) : null;
            }

            if ((form switch { Form.Number => OfNumber(cell, unit!), Form.Clock => OfClock(cell), _ => OfDate(cell) }) is not { } us)
            {
                rows.Fault($"{column} is no time", $"\"{cell}\"", Allowed(form));
                continue;
            }

            // A log by the clock goes on after midnight; a row that is only a little out of order does not begin another day.
            if (form == Form.Clock)
            {
                if (us - last < -DayUs / 2)
                    day += DayUs;
                else if (us - last > DayUs / 2 && day > 0)
                    day -= DayUs;
                last = us;
            }

            times.Add(us + day);
        }

        var earliest = times.Count == 0 ? 0 : times.Min();
        for (var i = 0; i < times.Count; i++)
            times[i] -= earliest;
        return times;
    }

    private static Form FormOf(ReadOnlySpan<char> cell) =>
        decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? Form.Number : OfClock(cell) is not null ? Form.Clock : Form.Date;

    private static string Allowed(Form form) => form switch
    {
        Form.Number => "a number, as in the first row",
        Form.Clock => "a time of day, as in the first row",
        _ => "a date and time such as 2023-11-16 18:17:03.98, or numbers in all rows",
    };

    // Seconds since 1970 have ten digits until the year 2286; a thousand times that is counted in a smaller unit.
    private static string UnitOf(ReadOnlySpan<char> cell) => decimal.Parse(cell, NumberStyles.Float, CultureInfo.InvariantCulture) switch
    {
        >= 1e17m => "ns", >= 1e14m => "us", >= 1e11m => "ms", _ => "s",
    };

    // Decimal: nanoseconds since 1970 have more digits than a double.
    private static long? OfNumber(ReadOnlySpan<char> cell, string unit)
    {
        if (!decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return null;
        var factor = unit switch { "s" => 1_000_000m, "ms" => 1000m, "us" => 1m, _ => 0.001m };
        // Bounded before it is multiplied, and so that a difference of two times is a time too.
        return Math.Abs(number) <= MostUs / factor ? (long)(number * factor) : null;
    }

    private static long? OfClock(ReadOnlySpan<char> cell) =>
        TimeOnly.TryParseExact(cell, Clock, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at.Ticks / TimeSpan.TicksPerMicrosecond : null;

    private static long? OfDate(ReadOnlySpan<char> cell) =>
        DateTimeOffset.TryParse(cell, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at.Ticks / TimeSpan.TicksPerMicrosecond : null;

    private enum Form
    {
        Unknown,
        Number,
        Clock,
        Date,
    }
}

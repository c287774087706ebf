using System.Globalization;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>A six-field NCRONTAB expression: second, minute, hour, day of month, month, day of week; UTC.</summary>
/// <remarks>Each field takes <c>*</c>, values, ranges <c>a-b</c>, steps <c>*/n</c> and <c>a-b/n</c>, and lists of them; months and days
/// of the week also their English three-letter names. Day of month and day of week must both fit, as in NCrontab.</remarks>
internal sealed class Schedule
{
    private static readonly (string Name, int Low, int High, string[] Names)[] Fields =
    [
        ("second", 0, 59, []), ("minute", 0, 59, []), ("hour", 0, 23, []), ("day of month", 1, 31, []),
        ("month", 1, 12, ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        ("day of week", 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    private readonly bool[][] _allowed = new bool[6][];

    /// <exception cref="FormatException">Says which field is wrong and what it takes.</exception>
    public static Schedule Parse(string expression)
    {
        var parts = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
            throw new FormatException($"'{expression}' has {parts.Length} fields; a timer schedule has 6: {string.Join(", ", Fields.Select(f => f.Name))}.");
        var schedule = new Schedule();
        for (var i = 0; i < parts.Length; i++)
            schedule._allowed[i] = Field(expression, i, parts[i]);
        return schedule;
    }

    /// <summary>The first time after <paramref name="after"/>; null if none comes within ten years (a 30th of February).</summary>
    public DateTime? Next(DateTime after)
    {
        var t = new DateTime(after.Ticks - (after.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc).AddSeconds(1);
        var limit = after.AddYears(10);
        while (t < limit)
        {
            if (!_allowed[4][t.Month])
                t = new DateTime(t.Year, t.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1);
            else if (!_allowed[3][t.Day] || !_allowed[5][(int)t.DayOfWeek])
                t = t.Date.AddDays(1);
            else if (!_allowed[2][t.Hour])
                t = t.Date.AddHours(t.Hour + 1);
            else if (!_allowed[1][t.Minute])
                t = t.Date.AddHours(t.Hour).AddMinutes(t.Minute + 1);
            else if (!_allowed[0][t.Second])
                t = t.AddSeconds(1);
            else
                return t;
        }

        return null;
    }

    private static bool[] Field(string expression, int index, string text)
    {
        var (name, low, high, names) = Fields[index];
        var allowed = new bool[high + 1];
        foreach (var item in text.Split(','))
        {
            var (range, step) = item.Split('/') switch
            {
                [var r] => (r, 1),
                [var r, var s] when int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 => (r, n),
                _ => throw Wrong(),
            };
            var (from, to) = range == "*" ? (low, high) : range.Split('-') switch
            {
                [var one] => (Value(one), item.Contains('/', StringComparison.Ordinal) ? high : Value(one)),
                [var a, var b] => (Value(a), Value(b)),
                _ => throw Wrong(),
            };
            if (from > to)
                throw Wrong();
            for (var v = from; v <= to; v += step)
                allowed[v] = true;
        }

        return allowed;

        int Value(string value)
        {
            var at = Array.IndexOf(names, value.ToLowerInvariant());
            if (at >= low)
                return at;
            // Sunday is 0 and 7.
            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var v) && (v = index == 5 && v == 7 ? 0 : v) >= low && v <= high)
                return v;
            throw Wrong();
        }

        FormatException Wrong() => new($"'{text}' in '{expression}' is no {name}: {low} to {high}, *, ranges a-b, steps */n, and lists of these.");
    }
}

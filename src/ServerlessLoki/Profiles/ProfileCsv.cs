using System.Globalization;
using System.Text;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Profiles;

/// <summary>Profiles as CSV text: <c>variant,device,batch,p50_ms,p90_ms,p95_ms,p99_ms</c>, one row per measured batch size.</summary>
public static class ProfileCsv
{
    /// <summary>Longest time of one batch, milliseconds: an hour.</summary>
    private const double MostMs = 3_600_000;

    private static readonly string[] Columns = ["variant", "device", "batch", "p50_ms", "p90_ms", "p95_ms", "p99_ms"];

    /// <summary>Reads a profile. Blank lines and lines that begin with # are skipped; columns may stand in any order.</summary>
    /// <param name="csv">The text.</param>
    /// <param name="source">Name of the text for messages.</param>
    /// <exception cref="ProfileFormatException">The text has faults; lists all.</exception>
    public static LatencyProfile Read(string csv, string source)
    {
        ArgumentNullException.ThrowIfNull(csv);
        ArgumentNullException.ThrowIfNull(source);
        var faults = new FaultList();
        var rows = ReadRows(csv, "", faults);
        return faults.Count == 0 ? new LatencyProfile(rows) : throw new ProfileFormatException(source, faults.All);
    }

    /// <summary>Writes a profile; <see cref="Read"/> gives the same back.</summary>
    public static string Write(LatencyProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var text = new StringBuilder().AppendJoin(',', Columns).Append('\n');
        foreach (var row in profile.Rows)
        {
            text.Append(row.Variant).Append(',').Append(row.Device).Append(',').Append(row.Batch);
            foreach (var value in (ReadOnlySpan<double>)[row.P50Ms, row.P90Ms, row.P95Ms, row.P99Ms])
                text.Append(',').Append(value.ToString("R", CultureInfo.InvariantCulture));
            text.Append('\n');
        }

        return text.ToString();
    }

    internal static List<ProfileRow> ReadRows(string csv, string pathPrefix, FaultList faults)
    {
        var rows = new List<ProfileRow>();
        var seen = new Dictionary<(string Variant, string Device, int Batch), int>();
        int[]? positions = null;
        var number = 0;
        foreach (var line in csv.Split('\n'))
        {
            number++;
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;
            var where = $"{pathPrefix}line {number}";
            var cells = text.Split(',', StringSplitOptions.TrimEntries);
            if (positions is null)
            {
                positions = Header(cells, where, faults);
                if (positions.Length == 0)
                    return rows;
                continue;
            }

            if (Row(cells, positions, where, faults) is not { } row)
                continue;
            if (seen.TryAdd((row.Variant, row.Device, row.Batch), number))
                rows.Add(row);
            else
                faults.Add(where, $"{row.Variant} on {row.Device} at batch {row.Batch} stands already on line {seen[(row.Variant, row.Device, row.Batch)]}");
        }

        if (positions is null)
            faults.Add($"{pathPrefix}line 1", "there is no header", "nothing", string.Join(',', Columns));
        else if (rows.Count == 0 && faults.Count == 0)
            faults.Add($"{pathPrefix}line {number}", "there are no rows below the header");
        return rows;
    }

    private static int[] Header(string[] cells, string where, FaultList faults)
    {
        var before = faults.Count;
        foreach (var cell in cells.Where(c => !Columns.Contains(c)))
            faults.Add(where, "unknown column", $"\"{cell}\"", Names.Allowed(cell, Columns));
        foreach (var column in Columns.Where(c => !cells.Contains(c)))
            faults.Add(where, $"column {column} is missing", null, string.Join(',', Columns));
        foreach (var twice in cells.GroupBy(c => c, StringComparer.Ordinal).Where(g => g.Count() > 1))
            faults.Add(where, $"column {twice.Key} stands twice");
        return faults.Count > before ? [] : [.. Columns.Select(c => Array.IndexOf(cells, c))];
    }

    private static ProfileRow? Row(string[] cells, int[] positions, string where, FaultList faults)
    {
        if (cells.Length != Columns.Length)
        {
            faults.Add(where, "wrong number of columns", $"{cells.Length}", $"{Columns.Length}");
            return null;
        }

        var before = faults.Count;
        var variant = cells[positions[0]];
        var device = cells[positions[1]];
        if (variant.Length == 0)
            faults.Add(where, "variant is empty");
        if (device.Length == 0)
            faults.Add(where, "device is empty");
        if (!int.TryParse(cells[positions[2]], NumberStyles.None, CultureInfo.InvariantCulture, out var batch) || batch < 1)
            faults.Add(where, "batch is not a batch size", $"\"{cells[positions[2]]}\"", "a whole number of at least 1");
        var times = new double[4];
        for (var i = 0; i < times.Length; i++)
        {
            var cell = cells[positions[3 + i]];
            var parsed = double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out times[i]);
            if (!parsed || !(times[i] is > 0 and <= MostMs))
                faults.Add(where, $"{Columns[3 + i]} is not a time", $"\"{cell}\"", $"milliseconds above 0 and at most {MostMs}");
            else if (i > 0 && times[i] < times[i - 1])
                faults.Add(where, $"{Columns[3 + i]} is below {Columns[2 + i]}", $"\"{cell}\"", $"at least {cells[positions[2 + i]]}");
        }

        return faults.Count > before ? null : new ProfileRow(variant, device, batch, times[0], times[1], times[2], times[3]);
    }
}

using ServerlessLoki.Profiles;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads latencies, inline or from a CSV file.</summary>
internal static class ProfileReader
{
    public static List<ProfileRow> Read(JsonValue value, ScenarioSource source)
    {
        if (!value.IsObjectWith("csv", "rows"))
            return [];
        var csv = value.TryOptional("csv", out var path);
        var inline = value.TryOptional("rows", out var rows);
        if (csv == inline)
        {
            value.Fault(csv ? "both csv and rows are given" : "no profile is given", null, "either \"csv\" (path of a profile) or \"rows\"");
            return [];
        }

        if (csv)
            return source.Text(path) is { } text ? ProfileCsv.ReadRows(text, path.RawText + " ", source.Faults) : [];
        return [.. ScenarioSource.NotEmpty(rows, "an array of at least one row").Select(Row).OfType<ProfileRow>()];
    }

    private static ProfileRow? Row(JsonValue item)
    {
        if (!item.IsObjectWith("variant", "device", "batch", "p50Ms", "p90Ms", "p95Ms", "p99Ms"))
            return null;
        var variant = item.TryRequired("variant", "a variant's name", out var v) ? v.Text() : null;
        var device = item.TryRequired("device", "a device type's name", out var d) ? d.Text() : null;
        var batch = item.TryRequired("batch", "a whole number of at least 1", out var b) ? b.Integer(1, 1_000_000) : null;
        var p50 = item.TryRequired("p50Ms", "milliseconds above 0", out var median) ? median.Number(1e-6, 1e9) : null;
        var (p90, p95, p99) = (Percentile("p90Ms"), Percentile("p95Ms"), Percentile("p99Ms"));
        return variant is null || device is null || batch is null || p50 is null
            ? null
            : new ProfileRow(variant, device, (int)batch, p50.Value, p90 ?? p50.Value, p95 ?? p90 ?? p50.Value, p99 ?? p95 ?? p90 ?? p50.Value);

        double? Percentile(string key) => item.TryOptional(key, out var x) ? x.Number(1e-6, 1e9) : null;
    }
}

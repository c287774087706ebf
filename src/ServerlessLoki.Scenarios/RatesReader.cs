using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios;

/// <summary>Reads rates to replay, one per step, inline, from a CSV column, or from columns of counts; as they are or scaled.</summary>
internal sealed class RatesReader(ScenarioSource source)
{
    private const double MostQps = 1e9;

    public IArrivals Read(JsonValue item, int pipeline)
    {
        var counts = item.TryOptional("counts", out var c0) && c0.Flag() == true;
        var stepSeconds = (item.TryOptional("stepSeconds", out var s) ? s.Number(0.001, 1e6) : null) ?? (counts ? 60 : 1);
        var (rates, step) = (counts ? Counts(item, stepSeconds) : Rates(item), TimeSpan.FromSeconds(stepSeconds));
        var cv = (item.TryOptional("squaredCv", out var c) ? c.Number(0, 1e6) : null) ?? 1;
        return Arrivals.Replay(Scale(item, rates), step, cv, pipeline);
    }

    private double[] Rates(JsonValue item)
    {
        var csv = item.TryOptional("csv", out var path);
        var inline = item.TryOptional("qps", out var qps);
        if (csv == inline)
        {
            item.Fault(csv ? "both csv and qps are given" : "no rates are given", null, "either \"csv\" (path of a file with a header) or \"qps\" (an array of rates)");
            return [];
        }

        var column = item.TryOptional("column", out var name) ? name.Text() ?? "qps" : "qps";
        if (inline)
            return [.. ScenarioSource.NotEmpty(qps, "an array of at least one rate").Select(q => q.Number(0, MostQps) ?? 0)];
        return source.Csv(path, rows =>
        {
            if (rows.Has(column))
                return CsvTable.Read(rows, source.Faults)?.Numbers(column, 0, MostQps);
            rows.Lacks(column);
            return null;
        }) ?? [];
    }

    private double[] Counts(JsonValue item, double stepSeconds)
    {
        foreach (var key in (string[])["qps", "column"])
        {
            if (item.TryOptional(key, out var other))
                other.Fault($"{key} has no meaning with counts", null, "\"csv\", whose columns 1, 2, 3, … hold the counts of one step each");
        }

        if (!item.TryRequired("csv", "path of a file with columns 1, 2, 3, … of counts", out var path))
            return [];
        return source.Csv(path, rows =>
        {
            if (!rows.Has("1"))
                rows.Lacks("1");
            return RequestLog.Rates(rows, RequestLog.CountColumns(rows), stepSeconds);
        }) ?? [];
    }

    private static IEnumerable<double> Scale(JsonValue item, double[] rates)
    {
        var scales = item.TryOptional("scale", out var scale);
        var toMean = item.TryOptional("meanQps", out var mean);
        var toRange = item.TryOptional("rangeQps", out var range);
        if ((scales ? 1 : 0) + (toMean ? 1 : 0) + (toRange ? 1 : 0) > 1)
            item.Fault("several ways to scale are given", null, "one of \"scale\" (factor), \"meanQps\" and \"rangeQps\" ([least, largest])");
        if (scales && scale.Number(0, 1e9) is { } factor)
            return rates.Select(r => r * factor);
        if (toMean && mean.Number(0, MostQps) is { } target)
            return rates.Length == 0 || rates.Sum() == 0 ? rates : rates.Select(r => r * target / rates.Average());
        return toRange ? Stretch(range, rates) : rates;
    }

    // Min-max scaling, as Loki's trace scripts do (Loki, workload of the evaluation).
    private static IEnumerable<double> Stretch(JsonValue range, double[] rates)
    {
        var bounds = range.Items("[least, largest] queries per second").Select(x => x.Number(0, MostQps)).ToArray();
        if (bounds is not [{ } low, { } high] || low > high)
        {
            range.Fault("not a range of rates", $"{bounds.Length} entries", "[least, largest] queries per second");
            return rates;
        }

        var (least, largest) = rates.Length == 0 ? (0, 0) : (rates.Min(), rates.Max());
        return largest == least ? rates.Select(_ => low) : rates.Select(r => low + ((high - low) * (r - least) / (largest - least)));
    }
}

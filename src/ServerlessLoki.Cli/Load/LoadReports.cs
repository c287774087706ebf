using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Load;

/// <summary>Reports from the records of queries.</summary>
internal static class LoadReports
{
    /// <summary>Makes one report per phase, and one of the whole run as the last.</summary>
    public static ImmutableArray<PhaseReport> PerPhase(IReadOnlyList<LoadPhase> phases, IReadOnlyList<LoadRecord> records, double sloMs)
    {
        var byPhase = records.ToLookup(r => r.Phase);
        return
        [
            .. phases.Select((p, i) => Of(p.Name, p.Duration.TotalSeconds, byPhase[i], sloMs)),
            Of("all", phases.Sum(p => p.Duration.TotalSeconds), records, sloMs),
        ];
    }

    /// <summary>Makes the report of one window.</summary>
    /// <param name="name">Name of the window.</param>
    /// <param name="seconds">Length of the window, seconds.</param>
    /// <param name="records">Records of the queries whose intended send time lies in the window.</param>
    /// <param name="sloMs">Latency objective, milliseconds; infinite when there is none.</param>
    public static PhaseReport Of(string name, double seconds, IEnumerable<LoadRecord> records, double sloMs)
    {
        var all = records as IReadOnlyCollection<LoadRecord> ?? [.. records];
        var latencies = all.Where(r => r.Completed).Select(r => r.LatencyMs).Order().ToArray();
        var lags = all.Select(r => (r.SentUs - r.IntendedUs) / 1000.0).Order().ToArray();
        var accuracies = all.Where(r => r.Completed && !double.IsNaN(r.Reply.Accuracy)).Select(r => r.Reply.Accuracy).ToArray();
        var attained = all.Count(r => r.Attained(sloMs));
        return new PhaseReport
        {
            Name = name,
            Seconds = seconds,
            Offered = all.Count,
            OfferedQps = seconds > 0 ? all.Count / seconds : 0,
            Completed = latencies.Length,
            BeyondSlo = latencies.Length - attained,
            GoodputQps = seconds > 0 ? attained / seconds : 0,
            SloAttainment = all.Count == 0 ? 1 : (double)attained / all.Count,
            UnservedShare = all.Count == 0 ? 0 : 1 - ((double)latencies.Length / all.Count),
            EffectiveAccuracy = accuracies.Length == 0 ? null : accuracies.Average(),
            P50Ms = Percentile.Of(latencies, 0.5),
            P90Ms = Percentile.Of(latencies, 0.9),
            P99Ms = Percentile.Of(latencies, 0.99),
            P999Ms = Percentile.Of(latencies, 0.999),
            MaxMs = Percentile.Of(latencies, 1),
            SendLagP99Ms = Percentile.Of(lags, 0.99),
            Outcomes = all.GroupBy(r => LoadStatus.Name(r.Reply.Status), StringComparer.Ordinal)
                .ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal),
            Variants = all.Where(r => r.Completed && r.Reply.Variants is not null)
                .SelectMany(r => VariantNames.Split(r.Reply.Variants!))
                .GroupBy(v => v, StringComparer.Ordinal)
                .ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal),
        };
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
using static ServerlessLoki.Benchmarks.Reproduction.ReproductionReport;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary><c>unified</c> beside every rival of every experiment. The duels of the last runs are kept beside the build's outputs, so that the
/// table can be printed when the sets were run one after the other.</summary>
internal static class Summary
{
    private const string File = "artifacts/reproduction.json";
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Keeps the duels of one experiment in place of those of an earlier run.</summary>
    public static void Keep(string experiment, Duel[] duels)
    {
        var all = Read();
        all[experiment] = duels;
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, JsonSerializer.Serialize(all, Options));
    }

    /// <summary>Writes the table.</summary>
    public static void Write(ReproductionReport report)
    {
        var all = Read().Values.SelectMany(d => d).ToList();
        var best = all.Where(d => d.Setting != "published").ToList();
        report.Line("Each rival at its best setting (head-room, period, batching: the same grid for each, searched on other traffic than is measured) and, after it, as published. Figures are `unified` / rival / rival as published / clairvoyant bound.");
        report.Table(
            ["experiment", "rival", "its best setting", "violated", "accuracy", "cost", "`unified` is"],
            best.Select(IReadOnlyList<string> (d) =>
            {
                var published = all.Find(p => p.Experiment == d.Experiment && p.Rival == d.Rival && p.Setting == "published")?.Theirs;
                return
                [
                    d.Experiment, d.Rival, d.Setting, Row(d, published, f => f.Violation, Percent), Row(d, published, f => f.Accuracy, Points), Row(d, published, f => f.Cost, Number), d.Words,
                ];
            }));
        report.Line($"No worse than the rival's best setting in {best.Count(d => d.IsNoWorse)} of {best.Count} pairs, better in at least one figure in {best.Count(d => d.IsNoWorse && d.Verdicts.Contains(1))}. Differences up to 0.05 points, 0.5 % of the cost, and those within the 95 % intervals count as none.");
    }

    private static string Row(Duel duel, Duel.Figures? published, Func<Duel.Figures, double> read, Func<double, string> text) =>
        string.Join(" / ", new[] { duel.Ours, duel.Theirs, published, duel.Bound }.Select(f => f is null ? "–" : text(read(f))));

    private static SortedDictionary<string, Duel[]> Read() => System.IO.File.Exists(File)
        ? JsonSerializer.Deserialize<SortedDictionary<string, Duel[]>>(System.IO.File.ReadAllText(File), Options) ?? []
        : [];
}

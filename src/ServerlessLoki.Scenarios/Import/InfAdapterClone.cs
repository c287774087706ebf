using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A clone of github.com/reconfigurable-ml-pipeline/InfAdapter: each of its measured objectives, and both stretches of its request counts.</summary>
internal static partial class InfAdapterClone
{
    private const string Profile = "auto_tuner/adapter/capacity_result_Feb_21.csv";
    private const string Settings = "auto_tuner/starter.py";
    private const string Counts = "auto_tuner/dataset/twitter_trace/workload";

    // What its controller keeps free, and the cores on which its lines are fitted (InfAdapter, section 4, and train_capacity_models.py).
    private const double HeadRoom = 0.8;
    private static readonly int[] Fitted = [1, 2, 4, 8, 16];

    public static ImportLayout Layout { get; } = new("a clone of github.com/reconfigurable-ml-pipeline/InfAdapter", [Profile, Settings], Cases, Read);

    /// <summary>Objectives in milliseconds; that of the evaluation first.</summary>
    private static ImmutableArray<string> Cases(IImportFolder folder) =>
        [.. Table(new ImportSource("", "", folder)).Numbers("SLA", 1, 1e6).Distinct().Order().Select(s => s.ToString(CultureInfo.InvariantCulture)).OrderByDescending(s => s == "750")];

    private static CsvTable Table(ImportSource source) => source.Table(Profile, [.. InfAdapterImport.ProfileColumns, "capacity"]);

    private static ImportedScenario Read(ImportSource source)
    {
        var (table, sloMs) = (Table(source), double.Parse(source.Chosen, CultureInfo.InvariantCulture));
        var settings = source.Text(Settings);
        var (accuracies, loads) = (Dictionary(settings, "baseline_accuracies", 1), Dictionary(settings, "load_times", 1e4));
        var faults = new FaultList();
        foreach (var missing in accuracies.Keys.Where(k => !loads.ContainsKey(k)))
            faults.Add(Settings, $"load_times lacks {missing}", string.Join(", ", loads.Keys), "the keys of baseline_accuracies");
        if (faults.Count > 0)
            throw new ScenarioFormatException(Settings, faults.All);
        var variants = accuracies.Keys.Order().Select(depth => new InfAdapterVariant($"resnet{depth}", accuracies[depth], loads[depth], Capacity(table, depth, sloMs))).ToArray();
        return InfAdapterImport.Scenario(source, sloMs, variants, table, Traffic(source));
    }

    /// <summary>A dictionary of the settings: whole numbers to numbers.</summary>
    private static Dictionary<int, double> Dictionary(string settings, string name, double most)
    {
        var found = Regex.Match(settings, $@"^{name}\s*=\s*\{{(?<entries>[^}}]*)\}}", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        var entries = new Dictionary<int, double>();
        foreach (var match in Entries().Matches(found.Groups["entries"].Value).Cast<Match>())
        {
            // As in Python, of two equal keys the later one counts.
            if (int.TryParse(match.Groups["key"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var key))
                entries[key] = double.Parse(match.Groups["value"].ValueSpan, CultureInfo.InvariantCulture);
        }

        if (entries.Count > 0 && entries.Values.All(v => v > 0 && v <= most))
            return entries;
        throw new ScenarioFormatException(Settings, $"there is no {name}", null, $"{name} = {{ 18: 0.7, … }} with values above 0 and at most {most}");
    }

    /// <summary>The controller's line, cut to whole requests, less its head-room.</summary>
    private static ImmutableArray<double> Capacity(CsvTable table, int depth, double sloMs)
    {
        var (cores, objectives, capacities) = (table.Numbers("CPU", 1, 1000), table.Numbers("SLA", 1, 1e6), table.Numbers("capacity", 0, 1e6));
        var name = depth.ToString(CultureInfo.InvariantCulture);
        var points = table.Texts("ARCH").Select((a, i) => (Arch: a, At: i))
            .Where(r => r.Arch == name && objectives[r.At] == sloMs && Array.IndexOf(Fitted, (int)cores[r.At]) >= 0)
            .Select(r => (X: cores[r.At], Y: capacities[r.At])).ToArray();
        if (points.Select(p => p.X).Distinct().Count() is < 2 and var different)
            throw new ScenarioFormatException(Profile, $"capacities of {name} at {sloMs} ms are missing", $"{different}", $"rows for at least two of {string.Join(", ", Fitted)} cores");

        var (meanX, meanY) = (points.Average(p => p.X), points.Average(p => p.Y));
        var slope = points.Sum(p => (p.X - meanX) * (p.Y - meanY)) / points.Sum(p => (p.X - meanX) * (p.X - meanX));
        // The program takes whole numbers only, and no capacity without cores.
        var intercept = Math.Truncate(Math.Min(meanY - (slope * meanX), 0.99));
        return [0, .. Enumerable.Range(1, InfAdapterImport.Cores).Select(n => Math.Max(0, Math.Floor(HeadRoom * ((slope * n) + intercept))))];
    }

    // The stretches of its experiments, in seconds of the counts (experiments/workload.py).
    private static JsonNode[] Traffic(ImportSource source)
    {
        var counts = RequestCounts.Read(source.Folder, Counts);
        return [Stretch("evaluation-main", 1_300_920, 1_302_180), Stretch("evaluation-alternative", 1_388_100, 1_389_600)];

        JsonNode Stretch(string name, int from, int to) => ImportSource.Traffic(
            name, new JsonObject { ["kind"] = "rates", ["csv"] = source.AddRates(name, RequestCounts.Between(counts, from, to, $"{Counts}.txt").Select(c => (double)c)) });
    }

    [GeneratedRegex(@"(?<key>\d+)\s*:\s*(?<value>\d*\.?\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Entries();
}

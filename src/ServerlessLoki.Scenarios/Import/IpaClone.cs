using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A clone of github.com/reconfigurable-ml-pipeline/ipa: any of its pipelines on the four stretches of its request counts.</summary>
/// <remarks>The repository holds no profiles. They must lie at its top as <see cref="IpaImport.Profile"/>.</remarks>
internal static class IpaClone
{
    private const string Accuracies = "data/configs/accuracies.yaml";
    private const string Configs = "data/configs/final";
    private const string Counts = "load_tester/barazmoon/twitter/workload";

    // The stretches of its experiments in seconds of the counts, and the factor by which they are thinned (data/configs/final).
    private const int Damping = 8;
    private static readonly (string Name, (int From, int To)[] Parts)[] Stretches =
    [
        ("bursty", [(1_301_160, 1_302_360)]), ("steady-low", [(1_299_600, 1_300_800)]),
        ("steady-high", [(1_768_800, 1_769_400), (1_768_800, 1_769_400)]), ("fluctuating", [(1_301_400, 1_302_000), (1_308_600, 1_309_200)]),
    ];

    public static ImportLayout Layout { get; } = new(
        "a clone of github.com/reconfigurable-ml-pipeline/ipa with profiles at its top (columns pipeline,stage,variant,cores,batch,throughput_rps,latency_p99_s)",
        [Accuracies, IpaImport.Profile], Cases, Read);

    /// <summary>Pipelines that have profiles.</summary>
    private static ImmutableArray<string> Cases(IImportFolder folder) =>
        [.. new ImportSource("", "", folder).Table(IpaImport.Profile, "pipeline").Texts("pipeline").Distinct(StringComparer.Ordinal)];

    private static ImportedScenario Read(ImportSource source)
    {
        var (settings, path) = Settings(source);
        var rows = IpaImport.Rows(source, source.Chosen, Factor(settings, path, "latency_margin"), Factor(settings, path, "throughput_margin"));
        var stages = Stages(settings, path, [.. rows.Select(r => r.Stage).Distinct(StringComparer.Ordinal)]);
        // IPA, latency target: a multiple of the summed latencies of the stages, averaged over variants.
        var sloMs = Number(settings, path, "sla_factor") * stages.Sum(s => rows.Where(r => r.Stage == s && r.Row.Batch == 1).Select(r => r.Row.P99Ms).DefaultIfEmpty(0).Average());
        var (accuracy, cores) = (Number(settings, path, "alpha"), Number(settings, path, "beta"));
        return IpaImport.Scenario(
            source, sloMs, stages, rows, AccuracyOf(source), Traffic(source),
            ImportSource.Policies(
                IpaImport.Unified(accuracy, cores), IpaImport.Slow("ipa", new JsonObject { ["accuracyWeight"] = accuracy, ["coreWeight"] = cores })));
    }

    /// <summary>The settings of the pipeline's first experiment.</summary>
    private static (Dictionary<string, object> Settings, string Path) Settings(ImportSource source)
    {
        foreach (var file in source.Folder.Files(Configs))
        {
            var settings = Yaml(source, $"{Configs}/{file}");
            if (Text(settings, "pipeline_name") == source.Chosen)
                return (settings, $"{Configs}/{file}");
        }

        throw new ScenarioFormatException(Configs, $"no experiment has pipeline_name {source.Chosen}", null, "a file of settings with that pipeline_name");
    }

    /// <summary>Stages in the order of the chain; each must have a profile.</summary>
    private static string[] Stages(Dictionary<string, object> settings, string path, string[] profiled)
    {
        var nodes = (settings.GetValueOrDefault("nodes") as List<object> ?? []).OfType<Dictionary<string, object>>().Select(n => Text(n, "node_name")).OfType<string>().ToArray();
        return nodes.Order(StringComparer.Ordinal).SequenceEqual(profiled.Order(StringComparer.Ordinal), StringComparer.Ordinal) ? nodes
            : throw new ScenarioFormatException(path, "nodes are not the stages that are profiled", string.Join(", ", nodes), $"each of {string.Join(", ", profiled)} once, in the order of the chain");
    }

    /// <summary>Accuracies by variant, 0 to 1. Negative ones are word error rates.</summary>
    private static Dictionary<string, double> AccuracyOf(ImportSource source)
    {
        var all = Yaml(source, Accuracies);
        if (all.GetValueOrDefault(source.Chosen) is not Dictionary<string, object> stages)
            throw new ScenarioFormatException(Accuracies, $"there is no {source.Chosen}", string.Join(", ", all.Keys), "accuracies of each pipeline's stages");
        var accuracies = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (variant, value) in stages.Values.OfType<Dictionary<string, object>>().SelectMany(s => s))
        {
            if (!double.TryParse(value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent) || percent is < -100 or > 100)
                throw new ScenarioFormatException(Accuracies, $"{source.Chosen}: the accuracy of {variant} is no number in range", $"\"{value}\"", "-100 to 100 percent");
            accuracies[variant] = (percent < 0 ? 100 + percent : percent) / 100;
        }

        return accuracies;
    }

    private static JsonNode[] Traffic(ImportSource source)
    {
        var counts = RequestCounts.Read(source.Folder, Counts);
        return [.. Stretches.Select(s => ImportSource.Traffic(s.Name, new JsonObject
        {
            ["kind"] = "rates",
            ["csv"] = source.AddRates(s.Name, s.Parts.SelectMany(p => RequestCounts.Between(counts, p.From, p.To, $"{Counts}.txt")).Select(c => (double)(c / Damping))),
        }))];
    }

    private static Dictionary<string, object> Yaml(ImportSource source, string path)
    {
        try
        {
            return YamlTree.Mapping(source.Text(path)) ?? throw new ScenarioFormatException(path, "no mapping", null, "names with their settings");
        }
        catch (YamlException e)
        {
            throw new ScenarioFormatException($"{path} line {e.Start.Line}", $"not YAML: {e.Message}", null, "the file as its repository has it");
        }
    }

    private static string? Text(Dictionary<string, object> settings, string key) => settings.GetValueOrDefault(key) as string;

    private static double Number(Dictionary<string, object> settings, string path, string key) =>
        double.TryParse(Text(settings, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ScenarioFormatException(path, $"{key} is no number", Text(settings, key), "a number");

    private static double Factor(Dictionary<string, object> settings, string path, string key) => 1 + (Number(settings, path, key) / 100);
}

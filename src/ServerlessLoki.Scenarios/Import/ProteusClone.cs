using System.Collections.Immutable;

namespace ServerlessLoki.Scenarios.Import;

/// <summary>A clone of github.com/UMass-LIDS/Proteus: any of its recorded traces, each family with the objective of its queries.</summary>
internal static class ProteusClone
{
    private const string Profiles = "profiling/aggregate_profiled.csv";
    private const string Variants = "traces/model_variants";
    private const string Traces = "traces/twitter/asplos";
    private const string Default = "medium-normal_load/300";

    public static ImportLayout Layout { get; } = new("a clone of github.com/UMass-LIDS/Proteus", [Profiles, $"{Variants}/yolo"], Cases, Read);

    /// <summary>Traces as WORKLOAD/OBJECTIVE; that of the main evaluation first.</summary>
    private static ImmutableArray<string> Cases(IImportFolder folder) =>
        [.. folder.Folders(Traces).SelectMany(w => folder.Folders($"{Traces}/{w}").Select(o => $"{w}/{o}"))
            .Where(c => folder.Files($"{Traces}/{c}").Any(IsTrace))
            .OrderByDescending(c => c == Default)];

    private static bool IsTrace(string file) => file.EndsWith(".txt", StringComparison.Ordinal);

    private static ImportedScenario Read(ImportSource source)
    {
        var profile = ProteusImport.Profile(source.Table(Profiles, "Model", "Accel", "batchsize", "50th_pct"));
        var (families, trace) = (new List<ProteusFamily>(), new ProteusTrace());
        foreach (var file in source.Folder.Files($"{Traces}/{source.Chosen}").Where(IsTrace))
        {
            var (family, path) = (Path.GetFileNameWithoutExtension(file), $"{Traces}/{source.Chosen}/{file}");
            // A family without queries takes no part.
            if (trace.Add(family, source.Text(path), path) is { } sloMs)
                families.Add(new ProteusFamily(family, sloMs, source.Pairs($"{Variants}/{family}", 0, 100)));
        }

        return ProteusImport.Scenario(source, source.Chosen, profile, [.. families], trace);
    }
}

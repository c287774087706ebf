using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace ServerlessLoki.Infra.Tests.Bicep;

/// <summary>infra/, compiled once for all tests.</summary>
internal static class Infrastructure
{
    public static readonly string Folder = Path.Combine(Repository.Root, "infra");

    private static readonly string Scratch = Empty("compiled");
    private static readonly Lazy<BicepRun> Compiled = new(() => BicepCompiler.BuildAll(Folder, Scratch));
    private static readonly Lazy<PredictedDeployment> PredictedDefault = new(() => Predict("default", ParameterFile.Filled(ParameterFile.FirstTime)));
    private static readonly Lazy<PredictedDeployment> PredictedEverything = new(() => Predict("everything", ParameterFile.Filled(ParameterFile.AtMost)));

    /// <summary>All Bicep files by their path below infra/, with forward slashes.</summary>
    public static ImmutableSortedSet<string> Paths { get; } = Directory
        .EnumerateFiles(Folder, "*.bicep", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Folder, f).Replace('\\', '/'))
        .ToImmutableSortedSet(StringComparer.Ordinal);

    /// <summary>What the compiler said of all files.</summary>
    public static BicepRun Build => Compiled.Value;

    public static ArmTemplate Main => Template("main.bicep");

    /// <summary>What <c>azd up</c> makes at first, with nothing chosen.</summary>
    public static PredictedDeployment Default => PredictedDefault.Value;

    /// <summary>What it makes with every choice taken, and names at their longest.</summary>
    public static PredictedDeployment Everything => PredictedEverything.Value;

    public static TheoryData<string> AllPaths() => [.. Paths];

    public static ArmTemplate Template(string path)
    {
        Build.MustBeClean();
        return ArmTemplate.Read(Path.Combine(Scratch, Path.ChangeExtension(path, ".json")));
    }

    private static PredictedDeployment Predict(string name, IReadOnlyDictionary<string, JsonNode> parameters)
    {
        var path = Path.Combine(Empty(name), "main.bicepparam");
        ParameterFile.Write(path, Path.Combine(Folder, "main.bicep"), parameters);
        BicepCompiler.Snapshot(path, parameters["location"].GetValue<string>()).MustBeClean();
        return new(JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(path, ".snapshot.json")))!.AsObject());
    }

    private static string Empty(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "bicep", name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }
}

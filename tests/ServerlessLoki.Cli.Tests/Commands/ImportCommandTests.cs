using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Commands;

/// <summary><c>loki import</c>: what is missing is told, and no file is replaced unasked.</summary>
public sealed class ImportCommandTests
{
    [Fact]
    public async Task Import_FolderOfSomethingElse_SaysWhatIsMissingAndWritesNothing()
    {
        using var folder = new TempFolder();

        var (code, document, _) = await Cli.JsonAsync("import", "loki", "--data", Path.GetDirectoryName(folder.File("x"))!, "--out", folder.File("s.json"));

        Assert.Equal(2, code);
        Assert.Contains("not a clone of github.com/UMass-LIDS/Loki", document.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("s.json")));
    }

    [Fact]
    public async Task Import_UnknownCase_ListsThoseThereAre()
    {
        using var folder = new TempFolder();
        foreach (var name in (string[])["variants.csv", "effective_capacity_750ms.csv", "capacity_profile.csv"])
            await File.WriteAllTextAsync(folder.File(name), "x\n", TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync("import", "infadapter", "--data", Path.GetDirectoryName(folder.File("x"))!, "--out", folder.File("s.json"), "--case", "75");

        Assert.Equal(2, run.Code);
        Assert.Contains("--case: found '75', allowed: 750", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_InfAdapterLayout_GivesAScenarioThatCompares()
    {
        using var folder = new TempFolder();
        Write("variants.csv", "variant,accuracy_top1_fraction,load_time_s\nresnet18,0.69,6\nresnet50,0.76,7\n");
        Write("effective_capacity_750ms.csv", "cores,resnet18,resnet50\n0,0,0\n1,14,5\n2,34,14\n3,53,22\n");
        Write("capacity_profile.csv", "CPU,ARCH,SLA,saturation_tp\n2,18,750,45\n2,50,750,20\n");
        Write("traces/evaluation-main.csv", "second,rps\n" + string.Concat(Enumerable.Range(0, 130).Select(i => $"{i},20\n")));
        Write("traces/evaluation-alternative.csv", "second,rps\n0,20\n");
        var scenario = folder.File("made.json");

        var import = await Cli.RunAsync("import", "infadapter", "--data", Path.GetDirectoryName(scenario)!, "--out", scenario);
        var (code, document, _) = await Cli.JsonAsync("compare", "--scenario", scenario, "--policies", "infadapter", "--seeds", "1");

        var (text, profile) = (await File.ReadAllTextAsync(scenario, TestContext.Current.CancellationToken), folder.File("made-profile.csv"));
        await File.WriteAllTextAsync(scenario, "mine", TestContext.Current.CancellationToken);
        var again = await Cli.RunAsync("import", "infadapter", "--data", Path.GetDirectoryName(scenario)!, "--out", scenario);
        var kept = await File.ReadAllTextAsync(scenario, TestContext.Current.CancellationToken);
        var forced = await Cli.RunAsync("import", "infadapter", "--data", Path.GetDirectoryName(scenario)!, "--out", scenario, "--force");

        // Nothing that is there is replaced unasked; each such file is named.
        Assert.Equal((2, "mine"), (again.Code, kept));
        Assert.Contains($"loki: --out: '{scenario}' exists; give --force to replace it", again.Error, StringComparison.Ordinal);
        Assert.Contains($"loki: --out: '{profile}' exists", again.Error, StringComparison.Ordinal);
        Assert.Equal((0, text), (forced.Code, await File.ReadAllTextAsync(scenario, TestContext.Current.CancellationToken)));
        Assert.Equal((0, 0), (import.Code, code));
        Assert.Contains("made-profile.csv", import.Output, StringComparison.Ordinal);
        Assert.Equal(1, document.GetProperty("policies")[0].GetProperty("metrics").GetProperty("attainment").GetProperty("mean").GetDouble(), 0.1);

        void Write(string name, string content)
        {
            var path = folder.File(name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content);
        }
    }
}

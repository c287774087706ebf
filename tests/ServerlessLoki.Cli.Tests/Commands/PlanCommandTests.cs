using System.Text.Json.Nodes;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Cli.Tests.Commands;

public sealed class PlanCommandTests
{
    private static string Scenario => Path.Combine(TrafficSample.Directory, "scenario.json");

    [Fact]
    public async Task Plan_SampleScenario_GivesTheWholePlan()
    {
        var (code, plan, _) = await Cli.JsonAsync("plan", "--scenario", Scenario);

        Assert.Equal(0, code);
        Assert.Equal(
            ["scenario", "policy", "accuracy", "cost_per_hour", "replicas", "pipelines", "slots", "flows", "proof", "why"], plan.Members());
        Assert.Equal("unified", plan.GetProperty("policy").GetString());
        Assert.Equal(100, plan.GetProperty("pipelines")[0].GetProperty("demand_qps").GetDouble());
        Assert.NotEmpty(plan.GetProperty("why").EnumerateArray());
        Assert.All(plan.GetProperty("slots").EnumerateArray(), s => Assert.InRange(
            s.GetProperty("load_qps").GetDouble(), 0, s.GetProperty("capacity_qps").GetDouble() * 1.000001));
    }

    [Fact]
    public async Task Plan_MoreDemand_CostsAccuracyNotQueries()
    {
        var light = (await Cli.JsonAsync("plan", "--scenario", Scenario, "--demand", "5")).Document;
        var heavy = (await Cli.JsonAsync("plan", "--scenario", Scenario, "--demand", "250")).Document;

        Assert.True(light.GetProperty("accuracy").GetDouble() > heavy.GetProperty("accuracy").GetDouble());
        Assert.Equal(1, heavy.GetProperty("pipelines")[0].GetProperty("served_share").GetDouble(), 1e-6);
    }

    [Fact]
    public async Task Plan_HardwareOnly_ShedsInstead()
    {
        var plan = (await Cli.JsonAsync("plan", "--scenario", Scenario, "--demand", "250", "--policy", "hardware-only")).Document;

        Assert.Equal("hardware-only", plan.GetProperty("policy").GetString());
        Assert.InRange(plan.GetProperty("pipelines")[0].GetProperty("served_share").GetDouble(), 0.01, 0.9);
    }

    [Fact]
    public async Task Plan_ForPeople_FitsEightyColumnsWithoutControlCodes()
    {
        var run = await Cli.RunAsync("plan", "--scenario", Scenario, "--explain");

        Assert.Equal(0, run.Code);
        Assert.Contains("why:", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.All(run.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Plan_TimeLimitOfAHost_DoesNotDecideWhatIsShown()
    {
        using var folder = new TempFolder();
        var text = await File.ReadAllTextAsync(Scenario, TestContext.Current.CancellationToken);
        var scenario = JsonNode.Parse(text)!;
        scenario["pipelines"]![0]!["file"] = Path.Combine(TrafficSample.Directory, "pipeline.json");
        scenario["profile"]!["csv"] = Path.Combine(TrafficSample.Directory, "profile.csv");
        var plans = new List<string>();
        foreach (var limit in (int[])[1, 1000])
        {
            scenario["options"]!["timeLimitMs"] = limit;
            await File.WriteAllTextAsync(folder.File("s.json"), scenario.ToJsonString(), TestContext.Current.CancellationToken);
            plans.Add((await Cli.JsonAsync("plan", "--scenario", folder.File("s.json"))).Document.GetRawText());
        }

        Assert.Equal(plans[1], plans[0]);
    }

    [Fact]
    public async Task Plan_BadScenario_ListsEveryFaultAndExitsWith2()
    {
        using var folder = new TempFolder();
        var file = folder.File("s.json");
        await File.WriteAllTextAsync(
            file, """{ "name": "n", "policy": "x", "pipelines": [{"file": "gone.json", "demandQps": -1}], "devices": [], "profile": {} }""",
            TestContext.Current.CancellationToken);

        var (code, answer, error) = await Cli.JsonAsync("plan", "--scenario", file);

        Assert.Equal(2, code);
        var faults = string.Join('\n', answer.GetProperty("faults").EnumerateArray().Select(f => f.GetString()));
        Assert.All((string[])["$.policy", "$.pipelines[0].demandQps", "$.pipelines[0].file", "$.devices", "$.profile"], path =>
        {
            Assert.Contains(path, faults, StringComparison.Ordinal);
            Assert.Contains(path, error, StringComparison.Ordinal);
        });
    }
}

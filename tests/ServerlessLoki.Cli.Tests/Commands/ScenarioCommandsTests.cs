using System.Text.Json;
using System.Text.Json.Nodes;
using ServerlessLoki.Samples;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Commands;

public sealed class ScenarioCommandsTests
{
    private static readonly string Rising = Path.Combine(SampleScenarios.Directory, "rising-load.json");

    public static TheoryData<string> All() => 
        [.. Directory.GetFiles(SampleScenarios.Directory, "*.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(SampleScenarios.Directory, f))];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Plan_EverySampleScenario_IsTaken(string file)
    {
        var (code, plan, _) = await Cli.JsonAsync("plan", "--scenario", Path.Combine(SampleScenarios.Directory, file));

        Assert.Equal(0, code);
        // Two tasks do not fit one device; then it is said why.
        Assert.NotEmpty(plan.GetProperty(file.EndsWith("one-device.json", StringComparison.Ordinal) ? "why" : "slots").EnumerateArray());
    }

    [Fact]
    public async Task Plan_DemandOfTheTraffic_SaysThatItIsTheFirst()
    {
        var overload = Path.Combine(SampleScenarios.Directory, "overload.json");

        var first = await Cli.RunAsync("plan", "--scenario", overload);
        var other = await Cli.RunAsync("plan", "--scenario", overload, "--demand", "50");

        Assert.Contains("the first seconds of traffic \"crowd\" are planned; --demand Q plans another load", first.Output.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.DoesNotContain("first seconds", other.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan", "--policy")]
    [InlineData("simulate", "--policy")]
    [InlineData("compare", "--policies")]
    public async Task OnlyPolicy_Refuses_FailsWith1AndItsReasons(string command, string option)
    {
        var run = await Cli.RunAsync(command, "--scenario", Rising, option, "infadapter");

        Assert.Equal(1, run.Code);
        var text = (run.Output + run.Error).ReplaceLineEndings(" ");
        Assert.Contains("infadapter cannot plan this", text, StringComparison.Ordinal);
        Assert.Contains("one task", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_MoreServersThanSlots_SaysWhatIsCounted()
    {
        var rising = await Cli.RunAsync("compare", "--scenario", Rising, "--policies", "loki", "--seeds", "1");
        var tight = await Cli.RunAsync("compare", "--scenario", Path.Combine(SampleScenarios.Directory, "hard", "tight-13.json"), "--policies", "hardware-only", "--seeds", "1");

        Assert.Contains("so more than 8 slots", rising.Output.ReplaceLineEndings(""), StringComparison.Ordinal);
        Assert.DoesNotContain("stand beside", tight.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_Json_GivesFiguresAndCourse()
    {
        var (code, document, error) = await Cli.JsonAsync("simulate", "--scenario", Rising, "--seed", "3");

        Assert.Equal(0, code);
        Assert.Contains("in time", error, StringComparison.Ordinal);
        Assert.Equal(["scenario", "trace", "pipelines", "seeds", "warm_up_seconds", "bound", "policies", "best"], document.Members());
        var policy = document.GetProperty("policies")[0];
        Assert.Equal("unified", policy.GetProperty("policy").GetString());
        Assert.InRange(policy.GetProperty("metrics").GetProperty("attainment").GetProperty("mean").GetDouble(), 0.5, 1);
        var timeline = policy.GetProperty("timeline");
        Assert.Equal(timeline.GetProperty("arrivals").GetArrayLength(), timeline.GetProperty("servers").GetArrayLength());
        Assert.InRange(timeline.GetProperty("arrivals").GetArrayLength(), 180, 245);
    }

    [Theory]
    [InlineData("simulate")]
    [InlineData("compare")]
    public async Task Scenario_LearnedForecaster_IsLoadedBesideTheScenario(string command)
    {
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder.File("rate.onnx"), TinyOnnx.Rate(2, 37), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("s.json"), WithForecaster("onnx:rate.onnx"), TestContext.Current.CancellationToken);

        var (code, document, _) = await Cli.JsonAsync(command, "--scenario", folder.File("s.json"));

        Assert.Equal(0, code);
        Assert.Contains(37.0, document.GetProperty("policies")[0].GetProperty("timeline").GetProperty("forecast_qps").EnumerateArray().Select(q => q.GetDouble()));
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("simulate")]
    [InlineData("compare")]
    public async Task Scenario_LearnedForecasterMissing_ExitsWith2AndSaysWhere(string command)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("s.json"), WithForecaster("onnx:gone.onnx"), TestContext.Current.CancellationToken);

        var (code, document, _) = await Cli.JsonAsync(command, "--scenario", folder.File("s.json"));

        Assert.Equal(2, code);
        var fault = Assert.Single(document.GetProperty("faults").EnumerateArray()).GetString();
        Assert.Contains("$.forecaster: not a forecaster", fault, StringComparison.Ordinal);
        Assert.Contains($"there is no file '{folder.File("gone.onnx")}'", fault, StringComparison.Ordinal);
    }

    /// <summary>Ten seconds of the traffic sample.</summary>
    private static string WithForecaster(string name)
    {
        var scenario = JsonNode.Parse(File.ReadAllText(Path.Combine(TrafficSample.Directory, "scenario.json")))!;
        scenario["forecaster"] = name;
        scenario["pipelines"]![0]!["file"] = Path.Combine(TrafficSample.Directory, "pipeline.json");
        scenario["profile"]!["csv"] = Path.Combine(TrafficSample.Directory, "profile.csv");
        scenario["traffic"] = JsonNode.Parse("""[{ "name": "steady", "parts": [{ "kind": "step", "steps": [{ "qps": 20, "seconds": 10 }] }] }]""");
        scenario["policies"] = JsonNode.Parse("""[{ "policy": "loki" }]""");
        scenario["policy"] = "loki";
        scenario["seeds"] = JsonNode.Parse("[1]");
        return scenario.ToJsonString();
    }

    [Fact]
    public async Task Simulate_SameSeed_SameCourse()
    {
        var (first, again) = (await Timeline("2"), await Timeline("2"));

        Assert.Equal(first, again);
        Assert.NotEqual(first, await Timeline("4"));

        static async Task<string> Timeline(string seed) =>
            (await Cli.JsonAsync("simulate", "--scenario", Rising, "--seed", seed)).Document.GetProperty("policies")[0].GetProperty("timeline").GetProperty("on_time").GetRawText();
    }

    [Fact]
    public async Task Compare_TwoPolicies_ScalingAccuracyAnswersMore()
    {
        var (code, document, _) = await Cli.JsonAsync("compare", "--scenario", Rising, "--policies", "loki,hardware-only", "--seeds", "2");

        Assert.Equal(0, code);
        var attainment = document.GetProperty("policies").EnumerateArray().Select(p => p.GetProperty("metrics").GetProperty("attainment").GetProperty("mean").GetDouble()).ToArray();
        Assert.True(attainment[0] > attainment[1]);
        Assert.Equal("loki", document.GetProperty("best").GetProperty("attainment")[0].GetString());
        Assert.Equal(2, document.GetProperty("seeds").GetArrayLength());
    }

    [Theory]
    [InlineData("simulate")]
    [InlineData("compare")]
    public async Task ForPeople_FitsEightyColumnsWithoutControlCodes(string command)
    {
        var run = await Cli.RunAsync([command, "--scenario", Rising, .. command == "compare" ? ["--seeds", "2", "--policies", "loki,inferline-relative"] : (string[])["--policy", "loki"]]);

        Assert.Equal(0, run.Code);
        Assert.Contains("in time", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.All(run.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Compare_PolicyThatCannotPlanThis_IsToldAndTheOthersAreShown()
    {
        var run = await Cli.RunAsync("compare", "--scenario", Rising, "--policies", "loki,infadapter", "--seeds", "1");

        Assert.Equal(0, run.Code);
        Assert.Contains("infadapter cannot plan this", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_Html_WritesTheReportAndNamesIt()
    {
        using var folder = new TempFolder();
        var page = Path.Combine(folder.Path, "new", "report.html");

        var (code, document, error) = await Cli.JsonAsync("compare", "--scenario", Rising, "--policies", "loki,hardware-only", "--seeds", "1", "--html", page);

        Assert.Equal((0, page), (code, document.GetProperty("report").GetString()));
        Assert.Contains($"Report: {page}", error, StringComparison.Ordinal);
        Assert.Equal([page], Directory.GetFiles(Path.GetDirectoryName(page)!));
        var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("hardware-only", html, StringComparison.Ordinal);
        Assert.EndsWith("</html>", html.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".", "is a folder")]
    [InlineData("file/report.html", "cannot be written")]
    public async Task Compare_HtmlWhereNothingCanBeWritten_ExitsWith2BeforeAnyRun(string path, string message)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("file"), "", TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync("compare", "--scenario", Rising, "--html", folder.File(path));

        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("--html: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Simulate_TraceFile_IsTakenInstead()
    {
        using var folder = new TempFolder();
        var file = folder.File("rates.csv");
        await File.WriteAllTextAsync(file, "qps\n10\n20\n10\n", TestContext.Current.CancellationToken);

        var (code, document, _) = await Cli.JsonAsync("simulate", "--scenario", Rising, "--trace", file);

        Assert.Equal((0, "rates.csv"), (code, document.GetProperty("trace").GetString()));
    }

    [Theory]
    [InlineData("--policies: found 'lokki'", "compare", "--policies", "lokki,loki")]
    [InlineData("--policies: 'loki' is named twice", "compare", "--policies", "loki,loki")]
    [InlineData("--policy: found 'x'", "simulate", "--policy", "x")]
    [InlineData("--trace: found 'night', allowed: rise and fall, steps, a CSV file", "simulate", "--trace", "night")]
    public async Task BadNames_ExitWith2AndSayWhatIsAllowed(string message, string command, params string[] args)
    {
        var (code, document, error) = await Cli.JsonAsync([command, "--scenario", Rising, .. args]);

        Assert.Equal(2, code);
        Assert.Contains(message, document.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_ScenarioWithoutTraffic_SaysSo()
    {
        var run = await Cli.RunAsync("simulate", "--scenario", Path.Combine(TrafficSample.Directory, "scenario.json"));

        Assert.Equal(2, run.Code);
        Assert.Contains("has no traffic", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TIMESTAMP,ContextTokens\n", 2)]
    [InlineData("HashOwner,Trigger,1,2\na,http,30,60\nb,timer,30,0\n", 1)]
    public async Task Simulate_RequestLog_IsTakenAsItIs(string log, double qps)
    {
        if (log.StartsWith("TIMESTAMP", StringComparison.Ordinal))
            log += string.Concat(Enumerable.Range(0, 100).Select(i => $"2023-11-16 18:17:{i / 2:00}.{5 * (i % 2)}799600,{i}\n"));
        using var folder = new TempFolder();
        var file = folder.File("log.csv");
        await File.WriteAllTextAsync(file, log, TestContext.Current.CancellationToken);

        var (code, document, _) = await Cli.JsonAsync("simulate", "--scenario", Rising, "--trace", file);

        Assert.Equal(0, code);
        Assert.Equal(qps, document.GetProperty("policies")[0].GetProperty("metrics").GetProperty("goodput_qps").GetProperty("mean").GetDouble(), 0.3 * qps);
    }
}

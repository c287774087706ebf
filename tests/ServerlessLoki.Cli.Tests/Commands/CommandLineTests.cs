using System.Text.Json;

namespace ServerlessLoki.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_Root_NamesEveryCommand()
    {
        var run = await Cli.RunAsync("--help");

        Assert.Equal(0, run.Code);
        Assert.Contains("load", run.Output, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Version_IsTheProducts()
    {
        var run = await Cli.RunAsync("--version");

        Assert.Equal(0, run.Code);
        Assert.StartsWith("0.1.0", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("load", "--url", "http://x", "--rate", "1", "--speed", "3")]
    [InlineData("load", "--url", "http://x")]
    [InlineData("load", "--url", "http://x", "--rate", "1", "--trace", "t")]
    public async Task BadUsage_ExitsWith2AndSaysWhy(params string[] args)
    {
        var run = await Cli.RunAsync(args);

        Assert.Equal(2, run.Code);
        Assert.Empty(run.Output);
        Assert.StartsWith("loki: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("See 'loki --help'.", "fly")]
    [InlineData("See 'loki load --help'.", "load")]
    [InlineData("See 'loki sample evaluate --help'.", "sample", "evaluate", "--nowhere")]
    public async Task BadUsage_Hint_NamesTheWholeCommand(string hint, params string[] args) =>
        Assert.EndsWith(hint, (await Cli.RunAsync(args)).Error.TrimEnd(), StringComparison.Ordinal);

    [Fact]
    public async Task Up_ModelsThatDoNotFit_ExitsWith2AndListsAll()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(
            folder.File("pipeline.json"),
            """
            { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "FP32", "shape": [4] },
              "tasks": [ { "name": "t", "variants": [
                { "name": "a", "model": "gone.onnx", "accuracy": 0.5 }, { "name": "b", "model": "pipeline.json", "accuracy": 0.4 } ] } ] }
            """, TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync("up", "--pipeline", folder.File("pipeline.json"), "--data", folder.File("data"), "--port", "0");

        Assert.Equal(2, run.Code);
        Assert.Contains("$.tasks[t].variants[a].model", run.Error, StringComparison.Ordinal);
        Assert.Contains("$.tasks[t].variants[b].model", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadUsage_SeveralFaults_ListsAllInOneGo()
    {
        var run = await Cli.RunAsync("load", "--url", "ftp://x", "--rate", "-4", "--slo", "0", "--image", "nowhere.png", "--json");

        using var json = JsonDocument.Parse(run.Output);
        var faults = string.Join('\n', json.RootElement.GetProperty("faults").EnumerateArray().Select(f => f.GetString()));
        Assert.Equal(2, run.Code);
        foreach (var named in (string[])["--url", "--rate", "--slo", "nowhere.png"])
        {
            Assert.Contains(named, faults, StringComparison.Ordinal);
            Assert.Contains(named, run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Load_NobodyThere_FailsWith1AndOneDocument()
    {
        var run = await Cli.RunAsync("load", "--url", "http://127.0.0.1:9", "--rate", "1", "--json");

        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(1, run.Code);
        Assert.Contains("cannot be reached", json.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_BadTrace_ListsItsLines()
    {
        var trace = Path.GetTempFileName();
        await File.WriteAllTextAsync(trace, "1,x\n-1,5\n", TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync("load", "--url", "http://127.0.0.1:9", "--trace", trace);

        Assert.Equal(2, run.Code);
        Assert.Contains("line 1", run.Error, StringComparison.Ordinal);
        Assert.Contains("line 2", run.Error, StringComparison.Ordinal);
    }
}

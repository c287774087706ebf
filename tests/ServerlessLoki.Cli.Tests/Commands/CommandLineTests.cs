using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Samples;

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

    [Theory]
    [InlineData("infadapter")]
    [InlineData("ipa")]
    [InlineData("loki")]
    [InlineData("proteus")]
    public async Task Help_Import_FitsEightyColumns(string system)
    {
        var run = await Cli.RunAsync("import", system, "--help");

        Assert.Equal(0, run.Code);
        Assert.All(run.Output.Split('\n'), l => Assert.InRange(l.TrimEnd().Length, 0, 80));
        // The layouts are a list, one below the other.
        Assert.Equal(2, run.Output.Split('\n').Count(l => l.Contains(" - ", StringComparison.Ordinal)));
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
    [InlineData("See 'loki check --help'.", "check")]
    [InlineData("See 'loki check --help'.", "check", "--url", "ftp://nowhere")]
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
    public async Task Up_AddressOfSomebodyElse_FailsWith1AndOneSentence()
    {
        using var folder = new TempFolder();

        // 203.0.113.0/24 is for documentation: nobody has it.
        var run = await Cli.RunAsync("up", "--address", "203.0.113.7", "--allow-anonymous", "--port", "0", "--data", folder.File("data"));

        Assert.Equal(1, run.Code);
        Assert.Equal("loki: 203.0.113.7 is no address of this machine: give one that is with --address, or 0.0.0.0 for all", run.Error.TrimEnd());
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("203.0.113.7")]
    public async Task Up_OpenToOtherMachinesWithoutKeys_ExitsWith2AndOneLine(string address)
    {
        var run = await Cli.RunAsync("up", "--address", address, "--port", "0");

        Assert.Equal(2, run.Code);
        var lines = run.Error.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"loki: --address {address} lets other machines in: give --api-key-file FILE, or --allow-anonymous", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_KeyFileWithFaults_ExitsWith2AndListsTheirLines()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("keys"), "# ours\nshort\n0123456789abcdef\n0123456789abcdef\n", TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync("up", "--address", "0.0.0.0", "--api-key-file", folder.File("keys"), "--data", folder.File("data"), "--port", "0");

        Assert.Equal(2, run.Code);
        Assert.Contains("keys: line 2: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("keys: line 4: ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_KeyFileMissing_ExitsWith2()
    {
        var run = await Cli.RunAsync("up", "--api-key-file", "nowhere.txt", "--port", "0");

        Assert.Equal(2, run.Code);
        Assert.Contains("--api-key-file: there is no file 'nowhere.txt'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("onnx:nowhere.onnx", "there is no file '")]
    [InlineData("ewmaa", "did you mean \"ewma\"?")]
    public async Task Up_NoSuchForecaster_ExitsWith2AndSaysWhatIsAllowed(string forecaster, string cause)
    {
        var run = await Cli.RunAsync("up", "--forecaster", forecaster, "--port", "0");

        Assert.Equal(2, run.Code);
        Assert.StartsWith("loki: --forecaster: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(cause, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.AccessDenied, "--port", "this user may not open port 80: give one of 1024 or above with --port")]
    [InlineData(SocketError.AddressAlreadyInUse, "--port", "port 80 is taken: stop what listens there, or give another with --port")]
    [InlineData(SocketError.AddressAlreadyInUse, "--probe-port", "port 80 is taken: stop what listens there, or give another with --probe-port")]
    public void CannotListen_Port_SaysWhichOptionCures(SocketError error, string option, string expected) =>
        Assert.Equal(expected, ServedHost.CannotListen(IPAddress.Loopback, 80, option, new SocketException((int)error)));

    [Theory]
    [InlineData("--port")]
    [InlineData("--probe-port")]
    public async Task Up_PortTaken_NamesTheOptionThatGaveIt(string option)
    {
        using var folder = new TempFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var run = await Cli.RunAsync("up", "--port", option == "--port" ? port : "0", "--probe-port", option == "--port" ? "0" : port, "--data", folder.File("data"));

        Assert.Equal(1, run.Code);
        Assert.Equal($"loki: port {port} is taken: stop what listens there, or give another with {option}", run.Error.TrimEnd());
    }

    [Fact]
    public async Task Up_SameFileTwice_ExitsWith2()
    {
        using var folder = new TempFolder();

        var run = await Cli.RunAsync("up", "--pipeline", TrafficSample.PipelinePath, "--pipeline", TrafficSample.PipelinePath, "--data", folder.File("data"), "--port", "0");

        Assert.Equal(2, run.Code);
        Assert.Contains("named more than once", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_PipelinesThatShareNames_ExitsWith2AndListsAll()
    {
        using var folder = new TempFolder();
        var text = await File.ReadAllTextAsync(TrafficSample.PipelinePath, TestContext.Current.CancellationToken);
        var models = JsonSerializer.Serialize(Path.GetDirectoryName(TrafficSample.PipelinePath) + Path.DirectorySeparatorChar)[1..^1];
        await File.WriteAllTextAsync(
            folder.File("copy.json"), text.Replace("\"model\": \"", $"\"model\": \"{models}", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync("up", "--pipeline", TrafficSample.PipelinePath, "--pipeline", folder.File("copy.json"), "--data", folder.File("data"), "--port", "0");

        Assert.True(run.Code == 2, run.Error);
        Assert.Contains("traffic $.name: the name belongs to a pipeline already", run.Error, StringComparison.Ordinal);
        Assert.Contains("$.tasks[detect].variants[detect-n].name: the name belongs to a variant of traffic already", run.Error, StringComparison.Ordinal);
        Assert.Contains("variants[detect-x]", run.Error, StringComparison.Ordinal);
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

using System.Text.Json;
using ServerlessLoki.Cli.Figures;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Profiles;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Commands;

/// <summary>The commands that run the sample's real models.</summary>
public sealed class SampleCommandsTests
{
    private static async Task<string> SceneAsync(TempFolder folder)
    {
        using var image = SceneGenerator.Generate(7).Image;
        var path = folder.File("scene.png");
        await File.WriteAllBytesAsync(path, PictureCodec.EncodePng(image), TestContext.Current.CancellationToken);
        return path;
    }

    [Fact]
    public async Task Infer_InProcess_FindsThingsAndDrawsThem()
    {
        using var folder = new TempFolder();
        var annotated = folder.File("out/annotated.png");

        var (code, answer, error) = await Cli.JsonAsync("infer", "--image", await SceneAsync(folder), "--out", annotated);

        Assert.True(code == 0, error);
        Assert.Equal(["image", "annotated", "answer"], answer.Members());
        Assert.Equal(["pipeline", "latency_ms", "accuracy", "variants", "found"], answer.GetProperty("answer").Members());
        Assert.Contains(answer.GetProperty("answer").GetProperty("found").EnumerateArray(), f => f.GetProperty("task").GetString() == "detect");
        using var drawn = PictureCodec.Decode(await File.ReadAllBytesAsync(annotated, TestContext.Current.CancellationToken), ImageLimits.Default);
        Assert.Equal((960, 720), (drawn.Width, drawn.Height));
    }

    [Fact]
    public async Task Infer_NoPng_IsBadInput()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("x.png"), "no picture", TestContext.Current.CancellationToken);

        var (code, answer, _) = await Cli.JsonAsync("infer", "--image", folder.File("x.png"));

        Assert.Equal(2, code);
        Assert.Contains("x.png", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profile_Sample_WritesCsvAndCurves()
    {
        using var folder = new TempFolder();
        var csv = folder.File("profile.csv");

        var (code, answer, error) = await Cli.JsonAsync("profile", "--batch", "2,1", "--seconds", "0.001", "--out", csv);

        Assert.True(code == 0, error);
        Assert.Equal(["pipeline", "device", "csv", "picture", "page", "one_row", "rows"], answer.Members());
        Assert.Empty(answer.GetProperty("one_row").EnumerateArray());
        var profile = ProfileCsv.Read(await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken), csv);
        Assert.Equal(28, profile.Rows.Length);
        Assert.Equal([1, 2], profile.Rows.Select(r => r.Batch).Distinct());
        using var curves = PictureCodec.Decode(await File.ReadAllBytesAsync(folder.File("profile.png"), TestContext.Current.CancellationToken), ImageLimits.Default);
        // Two figures for each of the three tasks, a task in a row.
        Assert.Equal((FigurePicture.Density * 2 * 480, FigurePicture.Density * 3 * 260), (curves.Width, curves.Height));
        Assert.Contains("id=\"figure-5\"", await File.ReadAllTextAsync(folder.File("profile.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Profile_ModelThatMixesItsRows_IsMeasuredAtOneRowAndSaysWhy()
    {
        using var folder = new TempFolder();
        var mixed = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "N", 4)
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new long[] { 0 }), ("keepdims", 1L)).Node("Sub", ["x", "mean"], ["y"]).ToBytes();
        await File.WriteAllBytesAsync(folder.File("m.onnx"), mixed, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            folder.File("p.json"),
            """
            { "name": "p", "sloMs": 100, "input": { "name": "x", "datatype": "FP32", "shape": [4] },
              "tasks": [ { "name": "t", "variants": [ { "name": "mixed", "model": "m.onnx", "accuracy": 0.5 } ] } ] }
            """,
            TestContext.Current.CancellationToken);

        var run = await Cli.RunAsync("profile", "--pipeline", folder.File("p.json"), "--batch", "1,2,4", "--seconds", "0.001", "--out", folder.File("p.csv"));

        Assert.True(run.Code == 0, run.Error);
        Assert.Contains("mixed runs one row at a time: output 'y' of a row depends on the rows beside it", run.Output, StringComparison.Ordinal);
        var profile = ProfileCsv.Read(await File.ReadAllTextAsync(folder.File("p.csv"), TestContext.Current.CancellationToken), "p.csv");
        Assert.Equal([1], profile.Rows.Select(r => r.Batch));
    }

    [Theory]
    [InlineData("x.png")]
    [InlineData("x.html")]
    public async Task Profile_NameOfThePictureOrThePage_IsRefusedBeforeAnythingIsMeasured(string name)
    {
        using var folder = new TempFolder();

        var run = await Cli.RunAsync("profile", "--out", folder.File(name));

        Assert.Equal(2, run.Code);
        Assert.Contains($"--out: found '{folder.File(name)}'", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("0,4096,x,2", "'0'", "'4096'", "'x'")]
    public async Task Profile_BadBatches_ListsAll(string batches, params string[] named)
    {
        var run = await Cli.RunAsync("profile", "--batch", batches, "--seconds", "-1");

        Assert.Equal(2, run.Code);
        Assert.All([.. named, "--seconds"], n => Assert.Contains(n, run.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Up_ThenInferAndLoad_AnswersAndStopsCleanly()
    {
        using var folder = new TempFolder();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new DocumentWriter();
        var up = CliApp.RunAsync(
            ["up", "--port", "0", "--data", folder.File("data"), "--profile", Path.Combine(TrafficSample.Directory, "profile.csv"), "--max-deadline", "30", "--json"],
            output, new StringWriter(), Terminal.Plain, stop.Token);
        using var started = JsonDocument.Parse(await output.Document.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal(["url", "pipelines", "policy", "pid"], started.RootElement.Members());
        var url = started.RootElement.GetProperty("url").GetString()!;

        var infer = await Cli.JsonAsync("infer", "--image", await SceneAsync(folder), "--url", url);
        var load = await Cli.JsonAsync("load", "--url", url, "--rate", "10", "--duration", "2", "--arrivals", "constant");

        var patient = await Cli.JsonAsync("load", "--url", url, "--rate", "5", "--duration", "1", "--deadline", "30000", "--slo", "0.1");
        var greedy = await Cli.JsonAsync("load", "--url", url, "--rate", "5", "--duration", "1", "--deadline", "30001");

        // Within its own deadline and after the objective; above what the host takes.
        Assert.Equal(30_000, patient.Document.GetProperty("deadline_ms").GetDouble());
        var late = patient.Document.GetProperty("total");
        Assert.True(late.GetProperty("beyond_slo").GetInt32() > 0);
        Assert.Equal(late.GetProperty("completed").GetInt32(), late.GetProperty("beyond_slo").GetInt32());
        Assert.Equal(["400"], greedy.Document.GetProperty("total").GetProperty("outcomes").Members());
        Assert.True(infer.Code == 0, infer.Error);
        Assert.NotEmpty(infer.Document.GetProperty("answer").GetProperty("found").EnumerateArray());
        Assert.True(load.Code == 0, load.Error);
        Assert.Equal(["url", "pipeline", "slo_ms", "phases", "total"], load.Document.Members());
        var total = load.Document.GetProperty("total");
        Assert.Equal(20, total.GetProperty("offered").GetInt32());
        Assert.Equal(20, total.GetProperty("outcomes").EnumerateObject().Sum(o => o.Value.GetInt32()));
        Assert.InRange(total.GetProperty("effective_accuracy").GetDouble(), 0.5, 1);
        Assert.Contains(total.GetProperty("variants").Members(), v => v.StartsWith("detect-", StringComparison.Ordinal));
        await stop.CancelAsync();
        Assert.Equal(0, await up);
    }

    [Fact]
    public async Task Check_OfTheSample_EveryModelAnswersTheSameAloneAndTogether()
    {
        using var folder = new TempFolder();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new DocumentWriter();
        var up = CliApp.RunAsync(
            ["up", "--port", "0", "--data", folder.File("data"), "--profile", Path.Combine(TrafficSample.Directory, "profile.csv"), "--json"],
            output, new StringWriter(), Terminal.Plain, stop.Token);
        using var started = JsonDocument.Parse(await output.Document.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        var url = started.RootElement.GetProperty("url").GetString()!;

        var (code, check, error) = await Cli.JsonAsync("check", "--url", url);
        var one = await Cli.RunAsync("check", "--url", url, "--model", "detect-n");
        var none = await Cli.JsonAsync("check", "--url", url, "--model", "nobody");

        Assert.True(code == 0, $"{check}{error}");
        Assert.Equal(["url", "passed", "models"], check.Members());
        Assert.Equal(15, check.GetProperty("models").GetArrayLength());
        foreach (var model in check.GetProperty("models").EnumerateArray())
        {
            Assert.Equal(0, model.GetProperty("different").GetInt32());
            Assert.True(model.GetProperty("same").GetInt32() > 0, $"{model}");
        }

        Assert.Equal(0, one.Code);
        Assert.Contains("detect-n", one.Output, StringComparison.Ordinal);
        Assert.Equal(1, none.Code);
        Assert.Contains("no model 'nobody'", none.Document.GetProperty("error").GetString(), StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(0, await up);
    }

    [Fact]
    public async Task Demo_Quick_ShowsBothPoliciesAndWritesItsFiles()
    {
        using var folder = new TempFolder();

        var (code, demo, error) = await Cli.JsonAsync("demo", "--once", "--quick", "--port", "0", "--out", folder.Path);

        Assert.True(demo.TryGetProperty("passed", out var passed), error);
        Assert.Equal(passed.GetBoolean() ? 0 : 1, code);
        Assert.Equal(
            passed.GetBoolean(),
            demo.GetProperty("promises").EnumerateArray().All(p => p.GetProperty("held").GetBoolean() || p.TryGetProperty("not_judged", out _)));
        Assert.Equal(["url", "pipeline", "slo_ms", "sustained_qps", "runs", "promises", "passed", "held", "others_limit", "page", "picture", "scene"], demo.Members());
        Assert.Equal(["hardware-only", "unified"], demo.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("policy").GetString()));
        Assert.All(demo.GetProperty("runs").EnumerateArray(), r => Assert.Equal(4, r.GetProperty("phases").GetArrayLength()));
        Assert.Equal(8, demo.GetProperty("promises").GetArrayLength());
        Assert.Contains("id=\"figure-0\"", await File.ReadAllTextAsync(folder.File("demo.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var picture = PictureCodec.Decode(await File.ReadAllBytesAsync(folder.File("demo.png"), TestContext.Current.CancellationToken), ImageLimits.Default);
        Assert.Equal((FigurePicture.Density * 900, FigurePicture.Density * 4 * 200), (picture.Width, picture.Height));
        Assert.Equal(PictureFormat.Png, PictureFormats.Find(await File.ReadAllBytesAsync(folder.File("scene.png"), TestContext.Current.CancellationToken)));
    }

    /// <summary>Hands out the first thing written as soon as it is there.</summary>
    private sealed class DocumentWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _document = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Document => _document.Task;

        public override void WriteLine(string? value) => _document.TrySetResult(value ?? string.Empty);
    }
}

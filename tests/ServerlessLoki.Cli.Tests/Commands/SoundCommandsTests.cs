using ServerlessLoki.Embedded;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Cli.Tests.Commands;

/// <summary>Commands that send WAV files.</summary>
public sealed class SoundCommandsTests
{
    [Fact]
    public async Task Infer_Audio_ReadsTheTextInProcess()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("keys.txt"), "a\nb\n");
        File.WriteAllBytes(folder.File("sound.wav"), TinyWav.File([0.5, 0.5, 0, -0.5], 8000));
        // Classes of a step by its sample x: nothing 0.1, a = x, b = −x.
        File.WriteAllBytes(folder.File("m.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", "T").Output("y", TinyOnnx.Float, "N", "T", 3)
            .Constant("gain", [0f, 1, -1], 3).Constant("fixed", [0.1f, 0, 0], 3).Constant("two", [2L], 1)
            .Node("Unsqueeze", ["x", "two"], ["column"]).Node("Mul", ["column", "gain"], ["scaled"]).Node("Add", ["scaled", "fixed"], ["y"]).ToBytes());
        var pipeline = folder.File("p.json");
        File.WriteAllText(pipeline, """
            { "name": "hear", "sloMs": 20000, "input": { "name": "sound", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "t", "input": { "kind": "audio", "rate": 8000 }, "output": { "kind": "text", "dictionary": "keys.txt" },
                           "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } ] }
            """);

        var (code, answer, error) = await Cli.JsonAsync("infer", "--audio", folder.File("sound.wav"), "--pipeline", pipeline);

        Assert.True(code == 0, error);
        Assert.Equal("ab", Assert.Single(answer.GetProperty("answer").GetProperty("found").EnumerateArray()).GetProperty("label").GetString());
    }

    [Fact]
    public async Task Load_WithoutFiles_SendsSoundsThatAreAnswered()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.File("m.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", "T").Output("y", TinyOnnx.Float, "N", "T").Node("Identity", ["x"], ["y"]).ToBytes());
        var pipeline = folder.File("p.json");
        File.WriteAllText(pipeline, """
            { "name": "hear", "sloMs": 20000, "input": { "name": "sound", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "t", "input": { "kind": "audio", "rate": 8000, "maxSeconds": 0.5 }, "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } ] }
            """);
        await using var host = await EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [pipeline], DataDirectory = folder.File("data") }, TestContext.Current.CancellationToken);

        var (code, answer, error) = await Cli.JsonAsync("load", "--url", host.BaseAddress.ToString(), "--rate", "20", "--duration", "1", "--timeout", "60");

        Assert.True(code == 0, error);
        var total = answer.GetProperty("total");
        Assert.Equal(total.GetProperty("offered").GetInt32(), total.GetProperty("completed").GetInt32());
    }

    [Fact]
    public async Task Infer_WithoutOrWithBoth_IsRefused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("x.wav"), "no sound");
        Assert.Contains("--image FILE or --audio FILE is missing", (await Cli.RunAsync("infer")).Error, StringComparison.Ordinal);
        Assert.Contains("asked about alone", (await Cli.RunAsync("infer", "--audio", folder.File("x.wav"), "--image", folder.File("x.wav"))).Error, StringComparison.Ordinal);
        Assert.Contains("--audio: x.wav cannot be read: No sound", (await Cli.RunAsync("infer", "--audio", folder.File("x.wav"))).Error, StringComparison.Ordinal);
        Assert.Contains("there is no file", (await Cli.RunAsync("load", "--url", "http://localhost:1", "--rate", "1", "--audio", folder.File("gone.wav"))).Error, StringComparison.Ordinal);
    }
}

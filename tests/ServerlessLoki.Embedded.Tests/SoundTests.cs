using System.Net;
using System.Text;
using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>WAV files as bodies, in tensors and in runs.</summary>
public sealed class SoundTests : IDisposable
{
    private static readonly double[] s_four = [0.5, -0.25, 0.125, 0];
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Infer_SamplesOfAnyLength_BodyAndTensorGiveTheSame()
    {
        await using var host = await StartAsync(Same("T"), """{ "kind": "audio", "rate": 8000, "maxSeconds": 1, "scale": 8 }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        await Task.WhenAll(Enumerable.Range(1, 20).Select(async c =>
        {
            var file = TinyWav.File([.. Enumerable.Repeat(0.125, c)], 8000, c % 2 == 0 ? 16 : 24, channels: 1 + (c % 3));
            var expected = $"[1,{c}] [{string.Join(',', Enumerable.Repeat("1", c))}]";
            Assert.Equal((HttpStatusCode.OK, expected), await BodyAsync(client, file, c % 4 == 0 ? "application/octet-stream" : "audio/wav"));
            Assert.Equal((HttpStatusCode.OK, expected), await JsonAsync(client, Convert.ToBase64String(file)));
        }));
    }

    [Fact]
    public async Task Infer_ModelOfFixedLength_ShorterOnesEndInSilenceLongerOnesAreRefused()
    {
        await using var host = await StartAsync(Same(6), """{ "kind": "audio", "rate": 8000 }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        Assert.Equal((HttpStatusCode.OK, "[1,6] [0.5,-0.25,0.125,0,0,0]"), await BodyAsync(client, TinyWav.File(s_four, 8000), "audio/x-wav"));
        var (status, error) = await BodyAsync(client, TinyWav.File(new double[8000], 8000), "audio/wav");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("The sound has 1 s; pipeline 'p' takes at most 0.001 s.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_LogMel_IsTheSpectrogramOfTheModelsSize()
    {
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 80, 30).Output("y", TinyOnnx.Float, "N", 30)
            .Node("ReduceMax", ["x"], ["y"], ("axes", new long[] { 1 }), ("keepdims", 0L));
        await using var host = await StartAsync(model, """{ "kind": "audio", "features": "log-mel" }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var (_, text) = await BodyAsync(client, TinyWav.File(TinyWav.Sine(440, 44_100, 4410), 44_100), "audio/wav");
        var values = text[(text.IndexOf(' ', StringComparison.Ordinal) + 2)..^1].Split(',').Select(static v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(30, values.Length);
        // Frame 5 of the tone, by the definition: 1.4382. Behind the tone is silence, 2 below the largest.
        Assert.Equal(1.4382, values[5], 0.02);
        Assert.Equal(values.Max() - 2, values[25], 0.01);
    }

    // Windows of 20 samples every 10: the last one ends with the sound.
    [Fact]
    public async Task Infer_Windows_AreRowsInTheirOrder()
    {
        await using var host = await StartAsync(Same(20), """{ "kind": "audio", "rate": 1000, "maxSeconds": 5, "window": 0.02, "hop": 0.01 }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var samples = Enumerable.Range(0, 45).Select(static i => i / 64.0).ToArray();
        var expected = $"[4,20] [{string.Join(',', Enumerable.Range(0, 80).Select(i => samples[Math.Min(10 * (i / 20), 25) + (i % 20)]).Select(static v => v.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}]";
        Assert.Equal((HttpStatusCode.OK, expected), await BodyAsync(client, TinyWav.File(samples, 1000), "audio/wav"));
        Assert.Equal((HttpStatusCode.OK, expected), await JsonAsync(client, Convert.ToBase64String(TinyWav.File(samples, 1000, 24, channels: 2))));
        var (status, error) = await BodyAsync(client, TinyWav.File(new double[3000], 1000), "audio/wav");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("more than 256 windows", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_FilesOfAForm_AreRows()
    {
        await using var host = await StartAsync(Same(4), """{ "kind": "audio", "rate": 8000 }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(TinyWav.File(s_four, 8000)), "sound", "a.wav" }, { new ByteArrayContent(TinyWav.File([0.25], 8000)), "sound", "b.wav" },
        };
        using var response = await client.PostAsync("/v2/models/p/infer", form, TestContext.Current.CancellationToken);
        Assert.Equal("[2,4] [0.5,-0.25,0.125,0,0.25,0,0,0]", Text(await response.JsonAsync()));
    }

    // Eight answers that are no numbers take a variant out of the plan: those of a caller must not.
    [Theory]
    [InlineData(1e20, """{ "kind": "audio", "features": "log-mel" }""")]
    [InlineData(1e36, """{ "kind": "audio", "scale": 32768 }""")]
    public async Task Infer_SamplesFarBeyondFullScale_AreRefusedAndTheVariantStays(double sample, string input)
    {
        await using var host = await StartAsync(input.Contains("log-mel", StringComparison.Ordinal)
            ? new TinyOnnx().Input("x", TinyOnnx.Float, "N", 80, "T").Output("y", TinyOnnx.Float, "N", 80, "T").Node("Identity", ["x"], ["y"]) : Same("T"), input);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var loud = TinyWav.File([.. Enumerable.Repeat(sample, 400)], 16_000, 32, TinyWav.Float);
        for (var i = 0; i < 16; i++)
        {
            var (status, error) = await BodyAsync(client, loud, "audio/wav");
            Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
            Assert.Contains("full scale is -1 to 1", error, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await BodyAsync(client, TinyWav.File(TinyWav.Sine(440, 16_000, 400), 16_000), "audio/wav")).Status);
    }

    [Fact]
    public async Task Infer_WhatIsNoSuchSound_IsRefusedAtTheDoor()
    {
        await using var host = await StartAsync(Same("T"), """{ "kind": "audio", "rate": 8000, "maxSeconds": 1 }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var (status, error) = await BodyAsync(client, TinyWav.File(new double[16_000], 8000), "audio/wav");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("The sound has 2 s; pipeline 'p' takes at most 1 s.", error, StringComparison.Ordinal);
        (status, error) = await BodyAsync(client, Encoding.ASCII.GetBytes("OggS and more bytes"), "audio/wav");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("No sound that is read: the first bytes are 4F676753", error, StringComparison.Ordinal);
        (status, error) = await JsonAsync(client, "no sound");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("$.inputs[0].data: No sound that is read", error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await BodyAsync(client, TinyWav.File(s_four, 8000), "audio/wav", "v")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await BodyAsync(client, TinyWav.File([double.NaN], 8000, 32, TinyWav.Float), "audio/wav")).Status);
    }

    [Fact]
    public async Task Run_WithASound_IsAnswered()
    {
        await using var host = await StartAsync(Same("T"), """{ "kind": "audio", "rate": 8000 }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var accepted = await client.PostBytesAsync("/runs?pipeline=p", TinyWav.File(s_four, 8000), null, "audio/wav");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (await accepted.JsonAsync()).GetProperty("id").GetString();
        var cancel = TestContext.Current.CancellationToken;
        while (true)
        {
            using var response = await client.GetPathAsync("/runs/" + id);
            var run = await response.JsonAsync();
            if (run.GetProperty("state").GetString() is "completed" or "failed")
            {
                Assert.Contains("[0.5,-0.25,0.125,0]", run.GetRawText(), StringComparison.Ordinal);
                return;
            }

            await Task.Delay(20, cancel);
        }
    }

    private static TinyOnnx Same(object length) => new TinyOnnx().Input("x", TinyOnnx.Float, "N", length).Output("y", TinyOnnx.Float, "N", length).Node("Identity", ["x"], ["y"]);

    private static async Task<(HttpStatusCode Status, string Text)> BodyAsync(HttpClient client, byte[] file, string type, string model = "p")
    {
        using var response = await client.PostBytesAsync($"/v2/models/{model}/infer", file, null, type);
        return (response.StatusCode, Text(await response.JsonAsync()));
    }

    private static async Task<(HttpStatusCode Status, string Text)> JsonAsync(HttpClient client, string data)
    {
        using var response = await client.PostJsonAsync("/v2/models/p/infer", $$"""{"inputs":[{"name":"sound","datatype":"BYTES","shape":[1],"data":["{{data}}"]}]}""");
        return (response.StatusCode, Text(await response.JsonAsync()));
    }

    private static string Text(JsonElement answer) => answer.TryGetProperty("error", out var error) ? error.GetString()!
        : $"{answer.GetProperty("outputs")[0].GetProperty("shape").GetRawText()} {answer.GetProperty("outputs")[0].GetProperty("data").GetRawText()}";

    private async Task<EmbeddedHost> StartAsync(TinyOnnx model, string input)
    {
        File.WriteAllBytes(Path.Combine(_models.Path, "model.onnx"), model.ToBytes());
        var file = Path.Combine(_models.Path, "p.json");
        File.WriteAllText(file, $$"""
            { "name": "p", "sloMs": 20000, "input": { "name": "sound", "datatype": "BYTES", "shape": [1] },
              "tasks": [ { "name": "t", "input": {{input}}, "variants": [ { "name": "v", "model": "model.onnx", "accuracy": 1 } ] } ] }
            """);
        return await EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path }, TestContext.Current.CancellationToken);
    }
}

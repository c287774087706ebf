using System.Net;
using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>The whole host with real models over real HTTP.</summary>
public sealed class EmbeddedHostTests : IDisposable
{
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Start_TinyPipeline_ServesEveryFormAlike()
    {
        await using var host = await EmbeddedHost.StartAsync(Options(), Token);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var ready = await client.GetPathAsync("/v2/health/ready");
        Assert.Equal(200, (int)ready.StatusCode);
        var pixels = Enumerable.Range(0, 16 * 16 * 3).Select(i => (byte)(i * 37)).ToArray();
        using var png = await client.PostBytesAsync("/v2/models/tiny/infer", PictureCodec.EncodePng(RgbImage.Over(16, 16, pixels)), null, "image/png");
        using var json = await client.PostJsonAsync(
            "/v2/models/tiny/infer", $$"""{"inputs":[{"name":"image","shape":[16,16,3],"datatype":"UINT8","data":[{{string.Join(',', pixels)}}]}]}""");
        using var binary = await client.PostBinaryAsync(
            "/v2/models/tiny/infer", """{"inputs":[{"name":"image","shape":[16,16,3],"datatype":"UINT8","parameters":{"binary_data_size":768}}]}""", pixels);
        var outputs = new List<string>();
        foreach (var response in (HttpResponseMessage[])[png, json, binary])
        {
            var answer = await response.JsonAsync();
            Assert.Equal(200, (int)response.StatusCode);
            outputs.Add(answer.GetProperty("outputs").GetRawText());
            Assert.Equal(0.9, answer.GetProperty("parameters").GetProperty("accuracy").GetDouble());
        }

        Assert.Single(outputs.Distinct());
    }

    [Fact]
    public async Task Start_Variant_AnswersLikeItsModel()
    {
        await using var host = await EmbeddedHost.StartAsync(Options(), Token);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var metadata = await client.GetPathAsync("/v2/models/fast");
        Assert.Equal("""{"name":"x","datatype":"FP32","shape":[-1,3,16,16]}""", (await metadata.JsonAsync()).GetProperty("inputs")[0].GetRawText());
        var values = Enumerable.Range(0, 2 * 3 * 16 * 16).Select(i => (i % 97) / 97f).ToArray();
        using var both = await client.PostBinaryAsync(
            "/v2/models/fast/infer", """{"inputs":[{"name":"x","shape":[2,3,16,16],"datatype":"FP32","parameters":{"binary_data_size":6144}}]}""", Http.Floats(values));
        var data = (await both.JsonAsync()).GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(e => e.GetSingle()).ToArray();
        Assert.Equal(6, data.Length);
        Assert.Equal([1, 1], [data[..3].Sum(), data[3..].Sum()], Near);
        using var raw = await client.PostBytesAsync("/v2/models/fast/infer", Http.Floats(values[..768]), "0");
        var body = await raw.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(data[..3], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(body.AsSpan(body.Length - 12)).ToArray(), Near);
        using var stats = await client.GetPathAsync("/v2/models/fast/stats");
        Assert.Equal(3, (await stats.JsonAsync()).GetProperty("model_stats")[0].GetProperty("inference_count").GetInt32());
        using var metrics = await client.GetPathAsync("/metrics");
        Assert.Contains("loki_batch_rows_count{pipeline=\"tiny\",task=\"classify\",variant=\"fast\"}", await metrics.TextAsync(), StringComparison.Ordinal);
        using var plan = await client.GetPathAsync("/plan");
        Assert.Equal(JsonValueKind.Array, (await plan.JsonAsync()).GetProperty("why").ValueKind);
    }

    [Fact]
    public async Task Start_Again_UsesTheStoredLatencies()
    {
        string first;
        await using (var host = await EmbeddedHost.StartAsync(Options(), Token))
            first = Profiles.ProfileCsv.Write(host.Profile);
        await using var again = await EmbeddedHost.StartAsync(Options(), Token);
        Assert.Equal(first, Profiles.ProfileCsv.Write(again.Profile));
        Assert.NotNull(again.Profile.Find("good", "cpu"));
    }

    [Fact]
    public async Task Start_ChangedModel_IsMeasuredAgain()
    {
        string first;
        await using (var host = await EmbeddedHost.StartAsync(Options(), Token))
            first = Profiles.ProfileCsv.Write(host.Profile);
        var options = Options();
        File.WriteAllBytes(Path.Combine(_models.Path, "good.onnx"), TinyOnnx.Classifier(16, 16, 8, 2));
        await using var again = await EmbeddedHost.StartAsync(options, Token);
        Assert.NotEqual(first, Profiles.ProfileCsv.Write(again.Profile));
    }

    [Fact]
    public async Task Start_ProfileFile_IsUsedAsItIs()
    {
        var file = Path.Combine(_data.Path, "profile.csv");
        await File.WriteAllTextAsync(file, "variant,device,batch,p50_ms,p90_ms,p95_ms,p99_ms\nfast,cpu,1,1,1,1,1\ngood,cpu,1,2,2,2,2\n", Token);
        await using var host = await EmbeddedHost.StartAsync(Options() with { ProfileFile = file }, Token);
        Assert.Equal(2000, host.Profile.Find("good", "cpu")!.LatencyUs(1));
    }

    [Fact]
    public async Task Start_SameDataDirectoryTwice_IsRefused()
    {
        await using var host = await EmbeddedHost.StartAsync(Options(), Token);
        await Assert.ThrowsAsync<StoreException>(() => EmbeddedHost.StartAsync(Options(), Token));
    }

    [Fact]
    public async Task Start_Fails_LeavesNothingBehind()
    {
        var options = Options();
        File.WriteAllText(Path.Combine(_models.Path, "good.onnx"), "no model");
        await Assert.ThrowsAnyAsync<Exception>(() => EmbeddedHost.StartAsync(options, Token));
        await using var host = await EmbeddedHost.StartAsync(Options(), Token);
        Assert.True(host.Engine.IsReady);
    }

    [Fact]
    public async Task Infer_TensorOfAnotherShapeThanTheModels_Is400AndNamesBoth()
    {
        File.WriteAllBytes(Path.Combine(_models.Path, "scale.onnx"), TinyOnnx.Scale(2, 1, 2));
        var file = Path.Combine(_models.Path, "scale.json");
        await File.WriteAllTextAsync(
            file,
            """
            { "name": "scale", "sloMs": 500, "input": { "name": "x", "datatype": "FP32", "shape": [-1, 3, -1, -1] },
              "tasks": [ { "name": "double", "variants": [ { "name": "double-n", "model": "scale.onnx", "accuracy": 1 } ] } ] }
            """, Token);
        await using var host = await EmbeddedHost.StartAsync(Options() with { PipelineFiles = [file] }, Token);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var wide = await client.PostBinaryAsync(
            "/v2/models/scale/infer", """{"inputs":[{"name":"x","shape":[1,3,1,4],"datatype":"FP32","parameters":{"binary_data_size":48}}]}""", new byte[48]);
        var error = (await wide.ErrorAsync(400, "bad_request")).GetProperty("error").GetString();
        Assert.Contains("found [1,3,1,4], pipeline 'scale' takes FP32 [1,3,1,2]", error, StringComparison.Ordinal);
        using var good = await client.PostBinaryAsync(
            "/v2/models/scale/infer", """{"inputs":[{"name":"x","shape":[1,3,1,2],"datatype":"FP32","parameters":{"binary_data_size":24}}]}""", new byte[24]);
        Assert.Equal(200, (int)good.StatusCode);
    }

    [Fact]
    public async Task Start_Http2WithoutTls_IsServed()
    {
        await using var host = await EmbeddedHost.StartAsync(Options() with { Http2Port = 0 }, Token);
        using var client = new HttpClient { BaseAddress = host.Http2Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/health/live") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request, Token);
        Assert.Equal((200, HttpVersion.Version20), ((int)response.StatusCode, response.Version));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public void Cpu_Slots_ShareTheCores()
    {
        Assert.Equal((16, 0.125), (FixedFleet.Cpu(null, 2).Devices[0].Slots, FixedFleet.Cpu(null, 2).Devices[0].SlotShare));
        Assert.Equal((1, 1.0), (FixedFleet.Cpu(1, 2).Devices[0].Slots, FixedFleet.Cpu(1, 2).Devices[0].SlotShare));
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedFleet.Cpu(0, 2));
    }

    private static bool Near(float a, float b) => Math.Abs(a - b) < 1e-5;

    private EmbeddedHostOptions Options() => new() { PipelineFiles = [TinyPipeline.Write(_models.Path)], DataDirectory = _data.Path };
}

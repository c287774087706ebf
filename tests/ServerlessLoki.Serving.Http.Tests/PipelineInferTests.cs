using System.Text.Json;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Imaging;

namespace ServerlessLoki.Serving.Http.Tests;

[Collection(PooledCollection.Name)]
public sealed class PipelineInferTests
{
    internal const string Traffic = "/v2/models/traffic/infer";
    internal const string TwoPixels = """{"inputs":[{"name":"image","shape":[1,2,3],"datatype":"UINT8","data":[1,2,3,4,5,6]}]}""";

    internal const string Floats = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";

    internal static Task<HttpResponseMessage> PostAsync(ApiHost host, string path, string body, string? deadlineMs)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        if (deadlineMs is not null)
            request.Headers.Add("x-deadline-ms", deadlineMs);
        return host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Infer_Pipeline_AnswersAsDocumented()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(Traffic, TwoPixels.Replace("{\"inputs", "{\"id\":\"7\",\"inputs", StringComparison.Ordinal));
        Assert.Equal(
            """{"model_name":"traffic","model_version":"1","id":"7","parameters":{"accuracy":0.75,"plan_version":7,"latency_ms":12.5,"queue_ms":2,"compute_ms":9,"variants":"detect=detect-n,vehicle=vehicle-n+vehicle-s,person=person-n"},"outputs":["""
            + """{"name":"detect","datatype":"FP32","shape":[3,6],"parameters":{"labels":"car,person"},"data":[0,0,0.5,0.5,0.5,0,0.5,0,1,1,0.25,1,0,0.5,1,1,0.75,0]},"""
            + """{"name":"vehicle.parent","datatype":"INT32","shape":[2],"data":[0,2]},{"name":"vehicle.label","datatype":"BYTES","shape":[2],"data":["van","bus"]},{"name":"vehicle.score","datatype":"FP32","shape":[2],"data":[0.875,1]},"""
            + """{"name":"person.parent","datatype":"INT32","shape":[1],"data":[1]},{"name":"person.label","datatype":"BYTES","shape":[1],"data":["adult"]},{"name":"person.score","datatype":"FP32","shape":[1],"data":[0.5]}]}""",
            await response.TextAsync());
    }

    [Fact]
    public async Task Infer_NothingDetected_HasEmptyOutputsOfEveryTask()
    {
        await using var host = await ApiHost.StartAsync();
        host.Engine.Answer = (r, _) => ValueTask.FromResult(FakeEngine.TwoCars(r) with { Answers = [new StageAnswer(0, 1, -1, -1, [])] });
        using var response = await host.Client.PostJsonAsync(Traffic, TwoPixels);
        var outputs = (await response.JsonAsync()).GetProperty("outputs");
        Assert.Equal(7, outputs.GetArrayLength());
        Assert.All(outputs.EnumerateArray(), o => Assert.Equal(0, o.GetProperty("shape")[0].GetInt32()));
    }

    [Fact]
    public async Task Infer_JsonBinaryAndPng_BringTheSamePixels()
    {
        await using var host = await ApiHost.StartAsync();
        byte[] pixels = [10, 20, 30, 40, 50, 60];
        var seen = new List<byte[]>();
        host.Engine.Answer = (r, _) =>
        {
            var image = ((ImageInput)r.Input).Image;
            Assert.Equal((2, 1), (image.Width, image.Height));
            seen.Add(image.Pixels.ToArray());
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        using var json = await host.Client.PostJsonAsync(
            Traffic, """{"inputs":[{"name":"image","shape":[1,1,2,3],"datatype":"UINT8","data":[[[[10,20,30],[40,50,60]]]]}]}""");
        using var binary = await host.Client.PostBinaryAsync(
            Traffic, """{"inputs":[{"name":"image","shape":[1,2,3],"datatype":"UINT8","parameters":{"binary_data_size":6}}]}""", pixels);
        using var png = await host.Client.PostBytesAsync(Traffic, PictureCodec.EncodePng(RgbImage.Over(2, 1, pixels)), null, "image/png");
        Assert.Equal([200, 200, 200], new[] { json, binary, png }.Select(r => (int)r.StatusCode));
        Assert.All(seen, p => Assert.Equal(pixels, p));
        Assert.Equal(3, seen.Count);
        Assert.Equal(await json.TextAsync(), await png.TextAsync());
    }

    [Fact]
    public async Task Infer_TensorPipeline_GetsTheBodysBytes()
    {
        await using var host = await ApiHost.StartAsync();
        var seen = new List<byte[]>();
        host.Engine.Answer = (r, _) =>
        {
            // Its first dimension is open: the tensor comes with its shape.
            var tensor = Assert.Single(TensorPack.Read(((TensorInput)r.Input).Bytes));
            Assert.Equal("x FP32 2,2", $"{tensor.Name} {tensor.Datatype} {string.Join(',', tensor.Shape)}");
            var bytes = tensor.Bytes.ToArray();
            seen.Add(bytes);
            return ValueTask.FromResult(FakeEngine.TwoCars(r) with
            {
                Answers = [new StageAnswer(0, 0, -1, -1, [], RowTensor.Of(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes)))],
            });
        };
        using var binary = await host.Client.PostBinaryAsync(
            "/v2/models/plain/infer", """{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}]}""", Http.Floats(1, 2, 3, 4));
        using var raw = await host.Client.PostBytesAsync("/v2/models/plain/infer", Http.Floats(1, 2, 3, 4), "0");
        Assert.Contains("""[{"name":"scale","datatype":"FP32","shape":[1,4],"data":[1,2,3,4]}]""", await binary.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(Http.Floats(1, 2, 3, 4), (await raw.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[^16..]);
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Fact]
    public async Task Infer_BoundsOfTheRequest_LowestReachesTheEngine()
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Traffic)
        {
            Content = new StringContent(
                TwoPixels.Replace("{\"inputs", "{\"parameters\":{\"timeout\":40000,\"latency_ms\":30.5,\"min_accuracy\":0.6,\"priority\":0,\"headers\":{}},\"inputs", StringComparison.Ordinal),
                System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("x-deadline-ms", "35");
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(TimeSpan.FromMilliseconds(30.5), host.Engine.LastQuery!.Latency);
        Assert.Equal(0.6, host.Engine.LastQuery.MinAccuracy);
        Assert.False(host.Engine.LastQuery.IgnoreSlo);
        using var unset = await host.Client.PostJsonAsync(Traffic, TwoPixels);
        Assert.Null(host.Engine.LastQuery.Latency);
    }

    [Theory]
    [InlineData("/v2/models/traffic/infer", TwoPixels, null, null)]
    [InlineData("/v2/models/traffic/infer", TwoPixels, "3000", 3000.0)]
    [InlineData("/v2/models/traffic/infer", TwoPixels, "86400000", 50_000.0)]
    [InlineData("/v2/models/echo-FP32/infer", Floats, "86400000", 50_000.0)]
    [InlineData("/v2/models/echo-FP32/infer", Floats, null, 50_000.0)]
    public async Task Infer_HostThatWaitsSoLongAtMost_CutsWhatIsLonger(string path, string body, string? deadline, double? latencyMs)
    {
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxDeadline = TimeSpan.FromDays(1), MostWait = TimeSpan.FromSeconds(50) });
        using var response = await PostAsync(host, path, body, deadline);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(latencyMs, (host.Engine.LastQuery is { } query ? query.Latency : host.Engine.LastVariant!.Latency)?.TotalMilliseconds);
    }

    [Theory]
    [InlineData("image/png", "0.8", null, 0.8)]
    [InlineData("application/octet-stream", "0.8", null, 0.8)]
    [InlineData("application/json", "0.8", 0.6, 0.8)]
    [InlineData("application/json", "0.5", 0.6, 0.6)]
    public async Task Infer_MinAccuracyInTheHeader_ReachesTheEngineForEveryBody(string type, string header, double? inBody, double expected)
    {
        await using var host = await ApiHost.StartAsync();
        var png = PictureCodec.EncodePng(RgbImage.Over(2, 1, new byte[6]));
        byte[] body = type switch
        {
            "image/png" => png,
            "application/json" => System.Text.Encoding.UTF8.GetBytes(TwoPixels.Replace("{\"inputs", FormattableString.Invariant($"{{\"parameters\":{{\"min_accuracy\":{inBody}}},\"inputs"), StringComparison.Ordinal)),
            _ => [.. "{\"inputs\":[{\"name\":\"image\",\"shape\":[1,2,3],\"datatype\":\"UINT8\",\"parameters\":{\"binary_data_size\":6}}]}"u8, .. new byte[6]],
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, Traffic) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (type == "application/octet-stream")
            request.Headers.Add("Inference-Header-Content-Length", (body.Length - 6).ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.Add("x-min-accuracy", header);
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(expected, host.Engine.LastQuery!.MinAccuracy);
    }

    [Theory]
    [InlineData("jpeg", "image/jpeg")]
    [InlineData("webp", "image/png")]
    [InlineData("gif", "application/octet-stream")]
    public async Task Infer_EachPictureFormatByEachWay_IsTheSameInput(string kind, string type)
    {
        await using var host = await ApiHost.StartAsync();
        var file = TestPictures.Make(kind).File;
        var seen = new List<byte[]>();
        host.Engine.Answer = (r, _) =>
        {
            seen.Add(((ImageInput)r.Input).Image.Pixels.ToArray());
            return ValueTask.FromResult(FakeEngine.TwoCars(r));
        };
        using var body = await host.Client.PostBytesAsync(Traffic, file, null, type);
        using var text = await host.Client.PostJsonAsync(
            Traffic, $$$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{{Convert.ToBase64String(file)}}}"]}]}""");
        using var binary = await host.Client.PostBinaryAsync(
            Traffic, $$$"""{"inputs":[{"name":"image","shape":[1,1],"datatype":"BYTES","parameters":{"binary_data_size":{{{file.Length + 4}}}}}]}""",
            [.. BitConverter.GetBytes(file.Length), .. file]);
        Assert.Equal([200, 200, 200], new[] { body, text, binary }.Select(r => (int)r.StatusCode));
        using var expected = PictureCodec.Decode(file, ImageLimits.Default);
        Assert.Equal(3, seen.Count);
        Assert.All(seen, p => Assert.Equal(expected.Pixels.ToArray(), p));
        using var two = await host.Client.PostJsonAsync(
            Traffic, """{"inputs":[{"name":"image","shape":[2],"datatype":"BYTES","data":["a","b"]}]}""");
        Assert.Contains("$.inputs[0].data[0]: No picture", (await two.ErrorAsync(400, "bad_request")).GetProperty("error").GetString(), StringComparison.Ordinal);
        using var none = await host.Client.PostJsonAsync(
            Traffic, """{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["hello"]}]}""");
        Assert.Contains("PNG, JPEG, WebP, BMP, GIF", (await none.ErrorAsync(400, "bad_request")).GetProperty("error").GetString(), StringComparison.Ordinal);
        using var tiff = await host.Client.PostBytesAsync(Traffic, file, null, "image/tiff");
        Assert.Contains("image/jpeg", (await tiff.ErrorAsync(415, "unsupported_media_type")).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (host.Context.Budget.Used, PooledBytes.Rented));
    }

    [Fact]
    public async Task Infer_RequestedOutputs_AreASubsetInTheirOrderAndForm()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await host.Client.PostJsonAsync(
            Traffic, TwoPixels.Replace("]}]}", "]}],\"outputs\":[{\"name\":\"vehicle.label\"},{\"name\":\"vehicle.score\",\"parameters\":{\"binary_data\":true}}]}", StringComparison.Ordinal));
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var header = int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single());
        using var json = JsonDocument.Parse(body.AsMemory(0, header));
        Assert.Equal(["vehicle.label", "vehicle.score"], json.RootElement.GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()));
        Assert.Equal(Http.Floats(0.875f, 1), body[header..]);
    }
}

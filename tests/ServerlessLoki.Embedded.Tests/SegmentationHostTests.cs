using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Masks and key points over real HTTP: a picture of 16 × 16 in the middle of an input 64 wide and 32 high, whose borders are turned back.</summary>
public sealed class SegmentationHostTests : IDisposable
{
    private const int Height = 32, Width = 64;
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    /// <summary>The channels are the scores of three classes: red is the first one, blue the last.</summary>
    [Fact]
    public async Task Infer_ClassMap_EveryPictureGetsItsOwnMask()
    {
        await using var host = await StartAsync(
            new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, Height, Width).Output("y", TinyOnnx.Float, "N", 3, Height, Width).Node("Identity", ["x"], ["y"]),
            """ "kind": "segmentation", "labels": ["red", "green", "blue"] """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var metadata = await client.GetPathAsync("/v2/models/p");
        Assert.Equal("""[{"name":"find","datatype":"UINT8","shape":[-1,-1,-1]}]""", (await metadata.JsonAsync()).GetProperty("outputs").GetRawText());

        await Task.WhenAll(Enumerable.Range(0, 24).Select(async c =>
        {
            var (left, right) = (c % 3, (c + 1) % 3);
            var output = await AskAsync(client, Halves(left, right), "");
            Assert.Equal($"[1,{Height},{Width}]", output.GetProperty("shape").GetRawText());
            Assert.Equal("red,green,blue", output.GetProperty("parameters").GetProperty("labels").GetString());
            Assert.Equal(Expected(left, right), output.GetProperty("data").EnumerateArray().Select(e => e.GetByte()));
        }));

        var png = await AskAsync(client, Halves(2, 0), """ ,"outputs":[{"name":"find","parameters":{"png":true}}] """);
        using var picture = PictureCodec.Decode(Convert.FromBase64String(png.GetProperty("data")[0].GetString()!), ImageLimits.Default);
        Assert.Equal(Expected(2, 0).SelectMany(v => new[] { v, v, v }), picture.Pixels.ToArray());

        static IEnumerable<byte> Expected(int left, int right) => Enumerable.Range(0, Height * Width).Select(i => (byte)(i % Width < Width / 2 ? left : right));
    }

    [Theory]
    [InlineData("{\"png\":\"yes\"}", "$.outputs[0].parameters.png: found \"yes\", expected true or false.")]
    [InlineData("{\"png\":true,\"classification\":1}", "$.outputs[0].parameters.classification: 'find' holds no class scores: no output of this pipeline does; leave the parameter out.")]
    public async Task Infer_PictureThatCannotBe_OneErrorSaysWhere(string parameters, string error)
    {
        await using var host = await StartAsync(
            new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, Height, Width).Output("y", TinyOnnx.Float, "N", 3, Height, Width).Node("Identity", ["x"], ["y"]), """ "kind": "segmentation" """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var response = await client.PostJsonAsync("/v2/models/p/infer", Body(Halves(0, 1), $$""" ,"outputs":[{"name":"find","parameters":{{parameters}}}] """));
        Assert.Equal((400, error), ((int)response.StatusCode, (await response.JsonAsync()).GetProperty("error").GetString()));
    }

    /// <summary>One person in the middle of the input, with points in its middle and at the left edge of the picture.</summary>
    [Fact]
    public async Task Infer_Pose_PointsAreColumnsOfTheDetection()
    {
        float[] place = [32, 16, 16, 16, 0.9f, 32, 16, 0.5f, 24, 8, 1];
        await using var host = await StartAsync(Bright().Head("output0", TinyOnnx.Float, place, new float[11], 11, 1), """ "kind": "detections", "decoder": "yolo-pose", "labels": ["person"] """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var metadata = await client.GetPathAsync("/v2/models/p");
        Assert.Equal("""[{"name":"find","datatype":"FP32","shape":[-1,-1]}]""", (await metadata.JsonAsync()).GetProperty("outputs").GetRawText());

        var output = await AskAsync(client, Halves(0, 1), "");
        Assert.Equal("[1,12]", output.GetProperty("shape").GetRawText());
        float[] found = [0.25f, 0.25f, 0.75f, 0.75f, 0.9f, 0, 0.5f, 0.5f, 0.5f, 0.25f, 0.25f, 1];
        Assert.Equal(found, output.GetProperty("data").EnumerateArray().Select(e => e.GetSingle()), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    /// <summary>A box in the border goes with its mask: what is left has the mask of its own coefficient, which is above zero everywhere.</summary>
    [Fact]
    public async Task Infer_Masks_AreThoseOfTheBoxesThatAreLeft()
    {
        // By number of the box: centre x, centre y, width, height, score, coefficient.
        float[] head = [6, 32, 16, 16, 8, 16, 8, 16, 0.95f, 0.9f, -1, 1];
        await using var host = await StartAsync(
            Bright().Head("output0", TinyOnnx.Float, head, new float[12], 6, 2).Head("output1", TinyOnnx.Float, [.. Enumerable.Repeat(1f, 8)], new float[8], 1, 2, 4),
            """ "kind": "detections", "decoder": "yolo-seg", "labels": ["thing"] """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var response = await client.PostJsonAsync("/v2/models/p/infer", Body(Halves(0, 1), ""));
        var outputs = (await response.JsonAsync()).GetProperty("outputs");
        Assert.Equal([("find", "[1,6]"), ("find.masks", "[1,160,160]")], outputs.EnumerateArray().Select(o => (o.GetProperty("name").GetString(), o.GetProperty("shape").GetRawText())));
        Assert.Equal(
            Enumerable.Range(0, 160 * 160).Select(i => i % 160 is >= 40 and < 120 && i / 160 is >= 40 and < 120 ? 1 : 0), outputs[1].GetProperty("data").EnumerateArray().Select(e => e.GetInt32()));
    }

    private static async Task<JsonElement> AskAsync(HttpClient client, byte[] pixels, string asked)
    {
        using var response = await client.PostJsonAsync("/v2/models/p/infer", Body(pixels, asked));
        var answer = await response.JsonAsync();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return answer.GetProperty("outputs")[0];
    }

    private static string Body(byte[] pixels, string asked) =>
        $$"""{"inputs":[{"name":"image","shape":[16,16,3],"datatype":"UINT8","data":[{{string.Join(',', pixels)}}]}]{{asked}}}""";

    /// <summary>16 × 16 pixels whose left and right half shine in one channel each.</summary>
    private static byte[] Halves(int left, int right) =>
        [.. Enumerable.Range(0, 16 * 16).SelectMany(i => Enumerable.Range(0, 3).Select(c => c == (i % 16 < 8 ? left : right) ? byte.MaxValue : (byte)0))];

    private static TinyOnnx Bright() => new TinyOnnx()
        .Input("x", TinyOnnx.Float, "N", 3, Height, Width)
        .Node("ReduceMean", ["x"], ["bright"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L));

    private Task<EmbeddedHost> StartAsync(TinyOnnx model, string output)
    {
        File.WriteAllBytes(Path.Combine(_models.Path, "m.onnx"), model.ToBytes());
        var file = Path.Combine(_models.Path, "p.json");
        File.WriteAllText(
            file,
            $$"""
            { "name": "p", "sloMs": 30000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "find", "input": { "kind": "image", "resize": "letterbox" }, "output": { {{output}} }, "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } ] }
            """);
        return EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path, Slots = 1, Port = 0 }, Token);
    }
}

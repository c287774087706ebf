using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Detectors as people export them, with real models over real HTTP: what is found depends on how bright the picture is.</summary>
public sealed class DetectorHostTests : IDisposable
{
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    /// <summary>[N, 4 + 2, 7]: seven places, all about one object of class 1 whose score is the brightness, but for one of class 0.</summary>
    [Theory]
    [InlineData(TinyOnnx.Float)]
    [InlineData(TinyOnnx.Half)]
    public async Task Infer_YoloHead_OneBoxForEachObject(int type)
    {
        float[] boxes = [.. Row(16, 48), .. Row(8, 24), .. Row(16, 8), .. Row(8, 8)];
        float[] bright = [.. new float[28], .. Row(0, 0.5f), .. Enumerable.Range(0, 6).Select(i => 0.9f - (i / 100f)), 0];
        File.WriteAllBytes(Path.Combine(_models.Path, "m.onnx"), Bright(32, 64).Head("output0", type, [.. boxes, .. new float[14]], bright, 6, 7).ToBytes());

        await CheckAsync(
            """ "kind": "detections", "labels": ["car", "person"] """,
            white: [[0.125f, 0.125f, 0.375f, 0.375f, 0.9f, 1], [0.6875f, 0.625f, 0.8125f, 0.875f, 0.5f, 0]], type == TinyOnnx.Half ? 1e-3f : 1e-5f);

        static IEnumerable<float> Row(float most, float last) => [.. Enumerable.Repeat(most, 6), last];
    }

    /// <summary>A square picture in the middle of a wide input: boxes are those of the picture, and what lies in the border is none.</summary>
    [Fact]
    public async Task Infer_Letterbox_BoxesAreThoseOfThePicture()
    {
        float[] boxes = [32, 4, 16, 16, 16, 4, 8, 8];
        File.WriteAllBytes(Path.Combine(_models.Path, "m.onnx"), Bright(32, 64).Head("output0", TinyOnnx.Float, [.. boxes, .. new float[4]], [.. new float[8], 0.9f, 0.8f, 0, 0], 6, 2).ToBytes());

        await CheckAsync(
            """ "kind": "detections", "decoder": "yolo", "minScore": 0.5, "labels": ["car", "person"] """, white: [[0.25f, 0.375f, 0.75f, 0.625f, 0.9f, 0]], 1e-5f,
            input: """ "input": { "kind": "image", "resize": "letterbox", "fill": 255 }, """);
    }

    /// <summary>A detector behind a stage whose tensor it does not take sees the picture, also where it waits for branches.</summary>
    [Theory]
    [InlineData("each")]
    [InlineData("all")]
    public async Task Infer_LetterboxBehindAnotherStage_BoxesAreThoseOfThePicture(string join)
    {
        File.WriteAllBytes(Path.Combine(_models.Path, "look.onnx"), Bright(8, 8).Output("bright", TinyOnnx.Float, "N", 1, 1, 1).ToBytes());
        float[] boxes = [32, 4, 16, 16, 16, 4, 8, 8];
        File.WriteAllBytes(Path.Combine(_models.Path, "m.onnx"), Bright(32, 64).Head("output0", TinyOnnx.Float, [.. boxes, .. new float[4]], [.. new float[8], 0.9f, 0.8f, 0, 0], 6, 2).ToBytes());
        var file = Path.Combine(_models.Path, "p.json");
        await File.WriteAllTextAsync(
            file,
            $$"""
            { "name": "p", "sloMs": 30000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "look", "output": { "kind": "tensor" }, "variants": [ { "name": "l", "model": "look.onnx", "accuracy": 1 } ] },
                         { "name": "find", "join": "{{join}}", "input": { "kind": "image", "resize": "letterbox", "fill": 255 },
                           "output": { "kind": "detections", "decoder": "yolo", "minScore": 0.5, "labels": ["car", "person"] }, "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "look", "to": "find" } ] }
            """, TestContext.Current.CancellationToken);
        await using var host = await EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path, Slots = 2, Port = 0 }, TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        Assert.Equal([0.25f, 0.375f, 0.75f, 0.625f, 0.9f, 0], await FoundAsync(client, byte.MaxValue, "find"), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    /// <summary>What a second detector finds in a crop lies where it is in the picture.</summary>
    [Fact]
    public async Task Infer_DetectorBehindACrop_BoxesAreThoseOfThePicture()
    {
        float[] half = [16, 8, 32, 16, 0.9f, 0];
        File.WriteAllBytes(Path.Combine(_models.Path, "m.onnx"), Bright(32, 64).Head("output0", TinyOnnx.Float, [.. half[..4], 0, 0], [0, 0, 0, 0, 0.9f, 0], 6, 1).ToBytes());

        await CheckAsync(
            """ "kind": "detections", "decoder": "yolo", "labels": ["car", "person"] """, white: [[0, 0, 0.25f, 0.25f, 0.9f, 0]], 1e-5f,
            then: """
            , { "name": "again", "output": { "kind": "detections", "decoder": "yolo", "labels": ["car", "person"] }, "variants": [ { "name": "w", "model": "m.onnx", "accuracy": 1 } ] } ],
            "edges": [ { "from": "find", "to": "again", "transforms": [ { "name": "crop-resize" } ] }
            """);
    }

    /// <summary>Nothing but the kind is said: the head is told by its shape, the classes by the model.</summary>
    [Fact]
    public async Task Infer_YoloHeadThatNamesItsClasses_IsServedAsItIs()
    {
        float[] place = [32, 16, 16, 8, 0, 0];
        float[] all = [.. place.SelectMany(v => Enumerable.Repeat(v, 7))];
        float[] bright = [.. new float[35], .. Enumerable.Repeat(0.75f, 7)];
        File.WriteAllBytes(
            Path.Combine(_models.Path, "m.onnx"), Bright(32, 64).Head("output0", TinyOnnx.Float, all, bright, 6, 7).Metadata("names", "{0: 'car', 1: \"driver's seat\"}").ToBytes());

        await CheckAsync(""" "kind": "detections" """, white: [[0.375f, 0.375f, 0.625f, 0.625f, 0.75f, 1]], 1e-5f, labels: "car,driver's seat");
    }

    /// <summary>Boxes, INT64 classes and scores as outputs of their own.</summary>
    [Fact]
    public async Task Infer_SsdOutputs_BoxesWithClassAndScore()
    {
        File.WriteAllBytes(
            Path.Combine(_models.Path, "m.onnx"),
            Bright(32, 64)
                .Head("boxes", TinyOnnx.Float, [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.5f, 1, 1], new float[8], 2, 4)
                .Head("labels", TinyOnnx.Int64, [2, 1], [0, 0], 2)
                .Head("scores", TinyOnnx.Float, [0, 0], [0.8f, 0.3f], 2).ToBytes());

        await CheckAsync(
            """ "kind": "detections", "labels": ["background", "car", "person"], "minScore": 0.4 """,
            white: [[0.1f, 0.2f, 0.3f, 0.4f, 0.8f, 2]], 1e-5f);
    }

    /// <summary>A black and a white picture, also at the same time, so that they meet in a batch.</summary>
    private async Task CheckAsync(string output, float[][] white, float tolerance, string? labels = null, string input = "", string? then = null)
    {
        var file = Path.Combine(_models.Path, "p.json");
        await File.WriteAllTextAsync(
            file,
            $$"""
            { "name": "p", "sloMs": 30000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "find", {{input}} "output": { {{output}} }, "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } {{then}} ] }
            """, TestContext.Current.CancellationToken);
        await using var host = await EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path, Slots = 1, Port = 0 }, TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        if (labels is not null)
            Assert.Equal(labels, string.Join(',', host.Engine.Pipelines[0].Pipeline.Root.Output.Labels));
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => FoundAsync(client, i % 2 == 0 ? byte.MaxValue : (byte)0, then is null ? "find" : "again")));

        for (var i = 0; i < answers.Length; i++)
            Assert.Equal(i % 2 == 0 ? white.SelectMany(r => r) : [], answers[i], (a, b) => Math.Abs(a - b) < tolerance);
    }

    private static async Task<float[]> FoundAsync(HttpClient client, byte brightness, string output)
    {
        var pixels = new byte[16 * 16 * 3];
        Array.Fill(pixels, brightness);
        using var response = await client.PostBytesAsync("/v2/models/p/infer", PictureCodec.EncodePng(RgbImage.Over(16, 16, pixels)), null, "image/png");
        var answer = await response.JsonAsync();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return [.. answer.GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == output).GetProperty("data").EnumerateArray().Select(e => e.GetSingle())];
    }

    /// <summary>The mean of the picture, 0..1, as "bright" [N, 1, 1, 1].</summary>
    private static TinyOnnx Bright(int height, int width) => new TinyOnnx()
        .Input("x", TinyOnnx.Float, "N", 3, height, width)
        .Node("ReduceMean", ["x"], ["bright"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L));
}

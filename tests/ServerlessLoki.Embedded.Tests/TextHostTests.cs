using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Text detection and what follows over real HTTP: the detector's map is the brightness of its input, which shows a square picture in its middle;
/// the second model says how bright its crop is.</summary>
public sealed class TextHostTests : IDisposable
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
    public async Task Infer_TextsOfAPicture_AreFoundAndCutOut()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var metadata = await client.GetPathAsync("/v2/models/p");
        Assert.StartsWith("""[{"name":"find","datatype":"FP32","shape":[-1,-1]},""", (await metadata.JsonAsync()).GetProperty("outputs").GetRawText(), StringComparison.Ordinal);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async c =>
        {
            // A bar of 40 × 8 pixels in a picture of 64 × 64, at another height for each client.
            var top = 12 + (2 * c);
            using var response = await client.PostJsonAsync("/v2/models/p/infer", Body(top));
            var answer = await response.JsonAsync();
            Assert.True(response.IsSuccessStatusCode, answer.ToString());
            var outputs = answer.GetProperty("outputs");
            Assert.Equal("[1,14]", outputs[0].GetProperty("shape").GetRawText());
            var found = Values(outputs[0]);
            // The outermost pixels lie 39 and 7 apart.
            var grown = 39 * 7 * 1.5f / (2 * (39 + 7));
            float[] corners = [12 - grown, top - grown, 51 + grown, top - grown, 51 + grown, top + 7 + grown, 12 - grown, top + 7 + grown];
            Assert.Equal(corners.Select(v => v / 64), found[6..], (a, b) => Math.Abs(a - b) < 1e-3f);
            Assert.Equal([found[6], found[7], found[10], found[11]], found[..4]);
            // The crop's share of the bar, whose pixels reach half a pixel farther.
            var share = 40 * 8 / ((39 + (2 * grown)) * (7 + (2 * grown)));
            Assert.Equal("[1,1,1,1]", outputs[2].GetProperty("shape").GetRawText());
            Assert.InRange(Values(outputs[2])[0], share - 0.08f, share + 0.08f);
        }));
    }

    [Fact]
    public async Task Infer_NoText_NothingIsCutOut()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var response = await client.PostJsonAsync("/v2/models/p/infer", Body(64));
        var outputs = (await response.JsonAsync()).GetProperty("outputs");
        Assert.Equal(["[0,6]", "[0]", "[0,1,1,1]"], outputs.EnumerateArray().Select(o => o.GetProperty("shape").GetRawText()));
    }

    private static float[] Values(JsonElement output) => [.. output.GetProperty("data").EnumerateArray().Select(e => e.GetSingle())];

    private static string Body(int top)
    {
        var pixels = Enumerable.Range(0, 64 * 64).Select(i => i % 64 is >= 12 and < 52 && i / 64 >= top && i / 64 < top + 8 ? "255,255,255" : "0,0,0");
        return $$"""{"inputs":[{"name":"image","shape":[64,64,3],"datatype":"UINT8","data":[{{string.Join(',', pixels)}}]}]}""";
    }

    private Task<EmbeddedHost> StartAsync()
    {
        File.WriteAllBytes(
            Path.Combine(_models.Path, "det.onnx"),
            new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 64, 96).Output("maps", TinyOnnx.Float, "N", 1, 64, 96).Node("ReduceMean", ["x"], ["maps"], ("axes", new long[] { 1 }), ("keepdims", 1L)).ToBytes());
        File.WriteAllBytes(
            Path.Combine(_models.Path, "rec.onnx"),
            new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 16, 48).Output("y", TinyOnnx.Float, "N", 1, 1, 1).Node("ReduceMean", ["x"], ["y"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L)).ToBytes());
        var file = Path.Combine(_models.Path, "p.json");
        File.WriteAllText(
            file,
            """
            { "name": "p", "sloMs": 30000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "find", "input": { "kind": "image", "resize": "letterbox", "fill": 0 }, "output": { "kind": "detections", "decoder": "db", "boxThreshold": 0.5, "unclipRatio": 1.5 },
                           "variants": [ { "name": "d", "model": "det.onnx", "accuracy": 1 } ] },
                         { "name": "read", "variants": [ { "name": "r", "model": "rec.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "find", "to": "read", "transforms": [ { "name": "crop-quad" } ] } ] }
            """);
        return EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path, Slots = 2, Port = 0 }, Token);
    }
}

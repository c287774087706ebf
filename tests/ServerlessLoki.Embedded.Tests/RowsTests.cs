using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Requests of several rows to a pipeline: each row is a query, and the answer keeps their order.</summary>
public sealed class RowsTests : IDisposable
{
    private readonly PipelineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Infer_RowsOfOneShape_AreAnsweredInTheirOrder()
    {
        _folder.Write("m.onnx", new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Output("y", TinyOnnx.Float, "N", 2).Node("Neg", ["x"], ["y"]).ToBytes());
        await using var host = await _folder.StartAsync(Pipeline("""{ "name": "x", "datatype": "FP32", "shape": [2] }""", """{ "kind": "tensor" }"""));
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(1, 20).Select(async rows =>
        {
            var values = Enumerable.Range(0, 2 * rows).Select(i => i + (100 * rows)).ToArray();
            Assert.Equal(
                $"t FP32 [{rows},2] [{string.Join(',', values.Select(static v => -v))}]",
                await AskAsync(client, Tensor("x", "FP32", $"[{rows},2]", string.Join(',', values))));
        }));
        Assert.Equal("t FP32 [3,2] [-1,-2,-3,-4,-5,-6]", await BinaryAsync(client, 3, [1, 2, 3, 4, 5, 6]));
        Assert.Equal(20 * 21 / 2 + 3, host.Engine.Metrics.Pipelines[0].Arrivals);
    }

    [Fact]
    public async Task Infer_RowsThatDoNotFit_AreRefusedWhole()
    {
        _folder.Write("m.onnx", new TinyOnnx().Input("a", TinyOnnx.Float, "N", "S").Input("b", TinyOnnx.Float, "N", "S").Output("y", TinyOnnx.Float, "N", "S").Node("Add", ["a", "b"], ["y"]).ToBytes());
        await using var host = await _folder.StartAsync(Pipeline("""{ "name": "a", "datatype": "FP32", "shape": [-1] }""", """{ "kind": "tensor" }"""));
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        Assert.Equal("t FP32 [2,2] [11,22,33,44]", await AskAsync(client, Tensor("a", "FP32", "[2,2]", "1,2,3,4"), Tensor("b", "FP32", "[2,2]", "10,20,30,40")));
        Assert.Contains("$.inputs[1].shape: 1 row, another input has 2", await AskAsync(client, 400, Tensor("a", "FP32", "[2,2]", "1,2,3,4"), Tensor("b", "FP32", "[2]", "10,20")), StringComparison.Ordinal);
        Assert.Contains("257 rows are more than the 256", await AskAsync(client, 413, Tensor("a", "FP32", "[257,1]", Zeros(257)), Tensor("b", "FP32", "[257,1]", Zeros(257))), StringComparison.Ordinal);
        // What the model refuses of one row, the request is refused for.
        var unlike = await AskAsync(client, 422, Tensor("a", "FP32", "[2,2]", "1,2,3,4"), Tensor("b", "FP32", "[2,3]", Zeros(6)));
        Assert.StartsWith("Row 0 of 2: ", unlike, StringComparison.Ordinal);
        using var run = await client.PostJsonAsync("/runs?pipeline=p", Body(Tensor("a", "FP32", "[2,1]", "1,2"), Tensor("b", "FP32", "[2,1]", "1,2")));
        Assert.Contains("a run takes one", await run.TextAsync(), StringComparison.Ordinal);

        static string Zeros(int count) => string.Join(',', Enumerable.Repeat(0, count));
    }

    [Fact]
    public async Task Infer_Texts_AreCutAtTheirLengths()
    {
        _folder.Write("m.onnx", new TinyOnnx().Input("x", TinyOnnx.Text, "N", 1).Output("y", TinyOnnx.Text, "N", 1).Node("Identity", ["x"], ["y"]).ToBytes());
        await using var host = await _folder.StartAsync(Pipeline("""{ "name": "x", "datatype": "BYTES", "shape": [1] }""", """{ "kind": "tensor" }"""));
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        Assert.Equal("""t BYTES [3,1] ["a","","longer"]""", await AskAsync(client, Tensor("x", "BYTES", "[3,1]", "\"a\",\"\",\"longer\"")));
    }

    /// <summary>One detection for each picture, classified below: bright ones are of class 1.</summary>
    [Fact]
    public async Task Infer_PicturesWithStagesBelow_TellTheRowTheyBelongTo()
    {
        var look = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 4, 4).Output("y", TinyOnnx.Float, "N", 1, 6)
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L)).Constant("flat", [-1L, 1, 1], 3).Node("Reshape", ["mean", "flat"], ["bright"])
            .Constant("box", [0f, 0, 1, 1, 0, 0], 1, 1, 6).Constant("score", [0f, 0, 0, 0, 1, 0], 1, 1, 6).Node("Mul", ["bright", "score"], ["scored"]).Node("Add", ["scored", "box"], ["y"]);
        var see = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 2, 2).Output("y", TinyOnnx.Float, "N", 2)
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new long[] { 2, 3 }), ("keepdims", 0L)).Constant("gain", [0f, 1, 0, 0, 0, 0], 3, 2).Constant("base", [0.5f, 0], 2)
            .Node("MatMul", ["mean", "gain"], ["scaled"]).Node("Add", ["scaled", "base"], ["y"]);
        _folder.Write("look.onnx", look.ToBytes());
        _folder.Write("see.onnx", see.ToBytes());
        await using var host = await _folder.StartAsync("""
            { "name": "p", "sloMs": 20000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "t", "output": { "kind": "detections", "minScore": 0.25, "normalised": true }, "variants": [ { "name": "v", "model": "look.onnx", "accuracy": 1 } ] },
                         { "name": "c", "output": { "kind": "classification", "labels": ["grey", "white"] }, "variants": [ { "name": "w", "model": "see.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "t", "to": "c", "transforms": [ { "name": "crop-resize", "margin": 0 } ] } ] }
            """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        // Nothing is found on the black one.
        var pixels = string.Join(',', new[] { 255, 0, 102, 204 }.Select(static v => string.Join(',', Enumerable.Repeat(v, 12))));
        var answer = await AskAsync(client, Tensor("image", "UINT8", "[4,2,2,3]", pixels));
        Assert.StartsWith("t FP32 [3,6] [", answer, StringComparison.Ordinal);
        Assert.Contains("; t.query INT32 [3] [0,2,3]; ", answer, StringComparison.Ordinal);
        Assert.Contains("""c.parent INT32 [3] [0,1,2]; c.label BYTES [3] ["white","grey","white"]; """, answer, StringComparison.Ordinal);
        Assert.EndsWith("; c.query INT32 [3] [0,2,3]", answer, StringComparison.Ordinal);
        var one = await AskAsync(client, Tensor("image", "UINT8", "[2,2,3]", string.Join(',', Enumerable.Repeat(255, 12))));
        Assert.DoesNotContain(".query", one, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_FormOfPictures_IsReadWhole()
    {
        _folder.Write("m.onnx", new TinyOnnx().Input("x", TinyOnnx.UInt8, "N", 2, 2, 3).Output("y", TinyOnnx.UInt8, "N", 2, 2, 3).Node("Identity", ["x"], ["y"]).ToBytes());
        await using var host = await _folder.StartAsync(Pipeline("""{ "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] }""", """{ "kind": "tensor" }"""));
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        Assert.Equal("t UINT8 [2,2,2,3] [1,2,3,1,2,3,1,2,3,1,2,3,9,8,7,9,8,7,9,8,7,9,8,7]", await FormAsync(client, 200, Png(1, 2, 3), Png(9, 8, 7)));
        Assert.Equal("t UINT8 [1,2,2,3] [1,2,3,1,2,3,1,2,3,1,2,3]", await FormAsync(client, 200, Png(1, 2, 3)));
        Assert.Contains("File 1, 'f': ", await FormAsync(client, 400, Png(1, 2, 3), [1, 2, 3]), StringComparison.Ordinal);
        Assert.Contains("has no file", await FormAsync(client, 400), StringComparison.Ordinal);

        static byte[] Png(params byte[] pixel) => PictureCodec.EncodePng(RgbImage.Over(1, 1, pixel));
    }

    private static async Task<string> FormAsync(HttpClient client, int status, params byte[][] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var file in files)
            form.Add(new ByteArrayContent(file), "f", "f.png");
        using var response = await client.PostAsync("/v2/models/p/infer", form, TestContext.Current.CancellationToken);
        return await TextAsync(response, status);
    }

    private static string Pipeline(string input, string output) => $$"""
        { "name": "p", "sloMs": 20000, "input": {{input}},
          "tasks": [ { "name": "t", "output": {{output}}, "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } ] }
        """;

    private static string Tensor(string name, string datatype, string shape, string data) =>
        $$"""{"name":"{{name}}","datatype":"{{datatype}}","shape":{{shape}},"data":[{{data}}]}""";

    private static string Body(params string[] inputs) => $$"""{"inputs":[{{string.Join(',', inputs)}}]}""";

    private static Task<string> AskAsync(HttpClient client, params string[] inputs) => AskAsync(client, 200, inputs);

    private static async Task<string> AskAsync(HttpClient client, int status, params string[] inputs)
    {
        using var response = await client.PostJsonAsync("/v2/models/p/infer", Body(inputs));
        return await TextAsync(response, status);
    }

    private static async Task<string> BinaryAsync(HttpClient client, int rows, float[] values)
    {
        var json = Encoding.UTF8.GetBytes($$$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[{{{rows}}},2],"parameters":{"binary_data_size":{{{4 * values.Length}}}}}]}""");
        using var content = new ByteArrayContent([.. json, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan())]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", $"{json.Length}");
        using var response = await client.PostAsync("/v2/models/p/infer", content, TestContext.Current.CancellationToken);
        return await TextAsync(response, 200);
    }

    private static async Task<string> TextAsync(HttpResponseMessage response, int status)
    {
        var answer = await response.JsonAsync();
        Assert.Equal(((HttpStatusCode)status, answer.ToString()), (response.StatusCode, answer.ToString()));
        return status != 200
            ? answer.GetProperty("error").GetString()!
            : string.Join("; ", answer.GetProperty("outputs").EnumerateArray().Select(static o =>
                $"{o.GetProperty("name").GetString()} {o.GetProperty("datatype").GetString()} {o.GetProperty("shape").GetRawText()} {o.GetProperty("data").GetRawText()}"));
    }
}

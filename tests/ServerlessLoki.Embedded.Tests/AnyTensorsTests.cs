using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Models with several inputs and outputs, of any datatype and of open sizes, over HTTP: as a pipeline and as a variant.</summary>
public sealed class AnyTensorsTests : IDisposable
{
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    // The shape of Triton's first example.
    [Fact]
    public async Task Infer_TwoInputsTwoOutputs_SumAndDifference()
    {
        var model = new TinyOnnx().Input("INPUT0", TinyOnnx.Int32, "N", 2).Input("INPUT1", TinyOnnx.Int32, "N", 2)
            .Output("OUTPUT0", TinyOnnx.Int32, "N", 2).Output("OUTPUT1", TinyOnnx.Int32, "N", 2)
            .Node("Add", ["INPUT0", "INPUT1"], ["OUTPUT0"]).Node("Sub", ["INPUT0", "INPUT1"], ["OUTPUT1"]);
        await using var host = await StartAsync(model, """{ "name": "INPUT0", "datatype": "INT32", "shape": [2] }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async c =>
        {
            var answer = await AskAsync(client, "p", 200, Tensor("INPUT1", "INT32", "[1,2]", "1,2"), Tensor("INPUT0", "INT32", "[1,2]", $"{c},{-c}"));
            Assert.Equal($"t.OUTPUT0 INT32 [1,2] [{c + 1},{2 - c}]; t.OUTPUT1 INT32 [1,2] [{c - 1},{-c - 2}]", answer);
        }));
        Assert.Equal(
            "OUTPUT0 INT32 [2,2] [11,22,33,44]; OUTPUT1 INT32 [2,2] [-9,-18,-27,-36]",
            await AskAsync(client, "v", 200, Tensor("INPUT0", "INT32", "[2,2]", "1,2,3,4"), Tensor("INPUT1", "INT32", "[2,2]", "10,20,30,40")));
        Assert.Contains("'INPUT1' is missing", await AskAsync(client, "p", 400, Tensor("INPUT0", "INT32", "[1,2]", "1,2")), StringComparison.Ordinal);
        var faults = await AskAsync(client, "p", 400, Tensor("INPUT0", "FP32", "[1,2]", "1,2"), Tensor("INPUT1", "INT32", "[3]", "1,2,3"), Tensor("z", "INT32", "[1]", "1"));
        Assert.All(["found FP32", "found [3]", "'z' is no input"], f => Assert.Contains(f, faults, StringComparison.Ordinal));
        using var metadata = await client.GetPathAsync("/v2/models/p");
        var told = await metadata.JsonAsync();
        Assert.Equal(["INPUT0", "INPUT1"], told.GetProperty("inputs").EnumerateArray().Select(i => i.GetProperty("name").GetString()));
        Assert.Equal("[-1,2]", told.GetProperty("outputs")[1].GetProperty("shape").GetRawText());
    }

    // The shape of an encoder of text: ids and mask of any length.
    [Fact]
    public async Task Infer_OpenLengths_EachQueryGetsItsOwn()
    {
        var model = new TinyOnnx().Input("ids", TinyOnnx.Float, "N", "S").Input("mask", TinyOnnx.Float, "N", "S").Output("mean", TinyOnnx.Float, "N", 1)
            .Node("Mul", ["ids", "mask"], ["kept"]).Node("ReduceMean", ["kept"], ["mean"], ("axes", new long[] { 1 }), ("keepdims", 1L));
        await using var host = await StartAsync(model, """{ "name": "ids", "datatype": "FP32", "shape": [-1] }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async c =>
        {
            var length = 1 + (c % 5);
            var (ids, mask) = (string.Join(',', Enumerable.Repeat(c, length)), string.Join(',', Enumerable.Repeat(1, length)));
            Assert.Equal($"t FP32 [1,1] [{c}]", await AskAsync(client, "p", 200, Tensor("ids", "FP32", $"[1,{length}]", ids), Tensor("mask", "FP32", $"[{length}]", mask)));
        }));
        Assert.Equal("mean FP32 [2,1] [2,5]", await AskAsync(client, "v", 200, Tensor("ids", "FP32", "[2,3]", "1,2,3,4,5,6"), Tensor("mask", "FP32", "[2,3]", "1,1,1,1,1,1")));
        var unlike = await AskAsync(client, "p", 422, Tensor("ids", "FP32", "[2]", "1,2"), Tensor("mask", "FP32", "[3]", "1,1,1"));
        Assert.Contains("Variant v cannot compute inputs 'ids', 'mask'", unlike, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_TextsAndMaps_AreServed()
    {
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Input("id", TinyOnnx.Text, "N", 1).Output("same", TinyOnnx.Text, "N", 1)
            .Node("Identity", ["id"], ["same"]).Node("Neg", ["x"], ["scores"]).ZipMap("scores", "p", "no", "yes");
        await using var host = await StartAsync(model, """{ "name": "x", "datatype": "FP32", "shape": [2] }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        Assert.Equal(
            """t.same BYTES [1,1] ["grün"]; t.p.label BYTES [1,2] ["no","yes"]; t.p.score FP32 [1,2] [-1,-2]""",
            await AskAsync(client, "p", 200, Tensor("x", "FP32", "[1,2]", "1,2"), Tensor("id", "BYTES", "[1,1]", "\"grün\"")));
        Assert.Equal(
            """same BYTES [2,1] ["a","longer"]; p.label BYTES [2,2] ["no","yes","no","yes"]; p.score FP32 [2,2] [-1,-2,-3,-4]""",
            await AskAsync(client, "v", 200, Tensor("x", "FP32", "[2,2]", "1,2,3,4"), Tensor("id", "BYTES", "[2,1]", "\"a\",\"longer\"")));
    }

    // The shape of a voice detector: a chunk, a state that the client carries, a rate.
    [Fact]
    public async Task Infer_NoBatchDimension_TakesTheModelsOwnShapes()
    {
        var model = new TinyOnnx().Input("chunk", TinyOnnx.Float, 1, 2).Input("state", TinyOnnx.Float, 2, 2).Input("rate", TinyOnnx.Float)
            .Output("next", TinyOnnx.Float, 2, 2).Node("Add", ["state", "chunk"], ["sum"]).Node("Mul", ["sum", "rate"], ["next"]);
        await using var host = await StartAsync(model, """{ "name": "chunk", "datatype": "FP32", "shape": [1, 2] }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        string[] inputs = [Tensor("chunk", "FP32", "[1,2]", "1,2"), Tensor("state", "FP32", "[2,2]", "10,20,30,40"), Tensor("rate", "FP32", "[]", "2")];
        Assert.Equal("next FP32 [2,2] [22,44,62,84]", await AskAsync(client, "v", 200, inputs));
        Assert.Equal("t FP32 [1,2,2] [22,44,62,84]", await AskAsync(client, "p", 200, inputs));
        Assert.Contains("no dimension in common", host.Engine.Describe("v")!.HeldBecause, StringComparison.Ordinal);
    }

    // What the file calls types is no mask, whatever its name is: each token counts. The vector of token id i is (1, i).
    [Fact]
    public async Task Infer_TypesThatAreCalledMask_LeaveNoTokenOut()
    {
        File.WriteAllText(Path.Combine(_models.Path, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n");
        var model = new TinyOnnx().Input("ids", TinyOnnx.Int64, "N", "S").Input("pair_mask", TinyOnnx.Int64, "N", "S").Output("y", TinyOnnx.Float, "N", "S", 2)
            .Constant("none", [0L], 1).Constant("last", [2L], 1).Node("Mul", ["pair_mask", "none"], ["zero"]).Node("Add", ["ids", "zero"], ["sum"])
            .Node("Cast", ["sum"], ["real"], ("to", 1L)).Node("Unsqueeze", ["real", "last"], ["column"])
            .Constant("gain", [0f, 1], 2).Constant("fixed", [1f, 0], 2).Node("Mul", ["column", "gain"], ["scaled"]).Node("Add", ["scaled", "fixed"], ["y"]);
        await using var host = await StartAsync(
            model, """{ "name": "text", "datatype": "BYTES", "shape": [1] }""",
            """ "input": { "kind": "text", "tokenizer": "vocab.txt", "tensors": { "ids": "ids", "types": "pair_mask" } }, "output": { "kind": "embedding", "normalise": false } """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        // [CLS] hello world [SEP]: (2 + 5 + 6 + 3) ÷ 4.
        Assert.Equal("t FP32 [1,2] [1,4]", await AskAsync(client, "p", 200, Tensor("text", "BYTES", "[1]", "\"hello world\"")));
    }

    // A classifier of texts as Hugging Face exports it: ids, mask and types of any length; here its logits are the sums of ids and of types.
    [Fact]
    public async Task Infer_Texts_AreTokenizedAndClassified()
    {
        File.WriteAllText(Path.Combine(_models.Path, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n");
        var model = new TinyOnnx().Input("input_ids", TinyOnnx.Int64, "N", "S").Input("attention_mask", TinyOnnx.Int64, "N", "S").Input("token_type_ids", TinyOnnx.Int64, "N", "S")
            .Output("logits", TinyOnnx.Float, "N", 2)
            .Node("Mul", ["input_ids", "attention_mask"], ["kept"]).Node("Cast", ["kept"], ["words"], ("to", 1L)).Node("Cast", ["token_type_ids"], ["seconds"], ("to", 1L))
            .Node("ReduceMean", ["words"], ["mean"], ("axes", new long[] { 1 }), ("keepdims", 1L)).Node("ReduceMax", ["seconds"], ["second"], ("axes", new long[] { 1 }), ("keepdims", 1L))
            .Constant("three", [3.9f], 1, 1).Node("Mul", ["second", "three"], ["weighed"]).Node("Concat", ["mean", "weighed"], ["logits"], ("axis", 1L));
        await using var host = await StartAsync(
            model, """{ "name": "text", "datatype": "BYTES", "shape": [-1] }""",
            """ "input": { "kind": "text", "tokenizer": "vocab.txt", "padTo": 1 }, "output": { "kind": "classification", "labels": ["one", "pair"], "scores": "logits", "topK": 2 } """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async c =>
        {
            var words = 1 + (c % 4);
            var (single, pair) = (await AskAsync(client, "p", 200, Tensor("text", "BYTES", "[1]", $"\"{string.Join(' ', Enumerable.Repeat("Hello", words))}\"")),
                await AskAsync(client, "p", 200, Tensor("text", "BYTES", "[2]", $"\"{string.Join(' ', Enumerable.Repeat("hello", words))}\",\"world\"")));
            // [CLS] hello … [SEP], then world [SEP].
            Assert.Contains($"t.label BYTES [2] {Classes((5.0 + (5 * words)) / (2 + words), 0)}", single, StringComparison.Ordinal);
            Assert.Contains($"t.label BYTES [2] {Classes((14.0 + (5 * words)) / (4 + words), 3.9)}", pair, StringComparison.Ordinal);
        }));
        Assert.Contains("3 texts", await AskAsync(client, "p", 422, Tensor("text", "BYTES", "[3]", "\"a\",\"b\",\"c\"")), StringComparison.Ordinal);

        static string Classes(double one, double pair) => one > pair ? "[\"one\",\"pair\"]" : "[\"pair\",\"one\"]";
    }

    // An encoder's tokens: each is (id, 1), so that the mean under the mask is (mean of ids, 1) whatever padding stands beside it.
    [Fact]
    public async Task Infer_Texts_BecomeVectorsWithoutTheirPadding()
    {
        File.WriteAllText(Path.Combine(_models.Path, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n");
        var model = new TinyOnnx().Input("input_ids", TinyOnnx.Int64, "N", "S").Input("attention_mask", TinyOnnx.Int64, "N", "S").Output("hidden", TinyOnnx.Float, "N", "S", 2)
            .Node("Cast", ["input_ids"], ["words"], ("to", 1L)).Node("Unsqueeze", ["words", "two"], ["ids"]).Constant("two", [2L], 1)
            .Constant("zero", [0f], 1).Node("Mul", ["ids", "zero"], ["zeros"]).Constant("unit", [1f], 1).Node("Add", ["zeros", "unit"], ["ones"])
            .Node("Concat", ["ids", "ones"], ["hidden"], ("axis", 2L));
        await using var host = await StartAsync(
            model, """{ "name": "text", "datatype": "BYTES", "shape": [1] }""",
            """ "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "embedding", "normalise": false } """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        // [CLS] hello [SEP]: (2 + 5 + 3) ÷ 3; with world (2 + 5 + 6 + 3) ÷ 4.
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async c => Assert.Equal(
            c % 2 == 0 ? "t FP32 [1,2] [3.3333333,1]" : "t FP32 [1,2] [4,1]",
            await AskAsync(client, "p", 200, Tensor("text", "BYTES", "[1]", c % 2 == 0 ? "\"hello\"" : "\"hello world\"")))));
        using var metadata = await client.GetPathAsync("/v2/models/p");
        Assert.Equal("""{"name":"t","datatype":"FP32","shape":[-1,2]}""", (await metadata.JsonAsync()).GetProperty("outputs")[0].GetRawText());
    }

    // A reader of answers whose logits are the ids: the largest id of the context starts the answer, and ends it.
    [Fact]
    public async Task Infer_QuestionAndContext_AnswerIsAPartOfTheContext()
    {
        File.WriteAllText(Path.Combine(_models.Path, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwhen\nin\n.\nberlin\n1945\n");
        var model = new TinyOnnx().Input("input_ids", TinyOnnx.Int64, "N", "S").Input("attention_mask", TinyOnnx.Int64, "N", "S")
            .Output("start_logits", TinyOnnx.Float, "N", "S").Output("end_logits", TinyOnnx.Float, "N", "S")
            .Node("Cast", ["input_ids"], ["start_logits"], ("to", 1L)).Node("Cast", ["input_ids"], ["end_logits"], ("to", 1L));
        await using var host = await StartAsync(
            model, """{ "name": "text", "datatype": "BYTES", "shape": [2] }""", """ "input": { "kind": "text", "tokenizer": "vocab.txt" }, "output": { "kind": "answer" } """);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        var answer = await AskAsync(client, "p", 200, Tensor("text", "BYTES", "[2]", "\"When?\",\"In Bérlin, in 1945.\""));
        Assert.Matches("""^t\.text BYTES \[1\] \["1945"\]; t\.score FP32 \[1\] \[0\.[0-9]+\]; t\.start INT32 \[1\] \[14\]; t\.end INT32 \[1\] \[18\]$""", answer);
    }

    [Fact]
    public async Task Infer_HalfPrecisionOutput_IsNumbersInAPipelinesAnswer()
    {
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Output("y", TinyOnnx.Half, "N", 2).Node("Cast", ["x"], ["y"], ("to", 10L));
        await using var host = await StartAsync(model, """{ "name": "x", "datatype": "FP32", "shape": [2] }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        Assert.Equal("t FP16 [1,2] [1,2.5]", await AskAsync(client, "p", 200, Tensor("x", "FP32", "[2]", "1,2.5")));
        Assert.Contains("no JSON form", await AskAsync(client, "v", 422, Tensor("x", "FP32", "[1,2]", "1,2.5")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_PixelsInBytes_PicturesAreResizedForThem()
    {
        var model = new TinyOnnx().Input("image", TinyOnnx.UInt8, "N", 2, 2, 3).Output("y", TinyOnnx.UInt8, "N", 2, 2, 3).Node("Identity", ["image"], ["y"]);
        await using var host = await StartAsync(model, """{ "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] }""");
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        Assert.Equal(
            "t UINT8 [1,2,2,3] [1,2,3,4,5,6,7,8,9,10,11,12]",
            await AskAsync(client, "p", 200, Tensor("image", "UINT8", "[2,2,3]", "1,2,3,4,5,6,7,8,9,10,11,12")));
        Assert.Equal(
            "t UINT8 [1,2,2,3] [9,8,7,9,8,7,9,8,7,9,8,7]",
            await AskAsync(client, "p", 200, Tensor("image", "UINT8", "[4,4,3]", string.Join(',', Enumerable.Repeat("9,8,7", 16)))));
    }

    private static string Tensor(string name, string datatype, string shape, string data) =>
        $$"""{"name":"{{name}}","datatype":"{{datatype}}","shape":{{shape}},"data":[{{data}}]}""";

    /// <summary>The outputs as text; the error where the status is none of success.</summary>
    private static async Task<string> AskAsync(HttpClient client, string model, int status, params string[] inputs)
    {
        using var response = await client.PostJsonAsync($"/v2/models/{model}/infer", $$"""{"inputs":[{{string.Join(',', inputs)}}]}""");
        var answer = await response.JsonAsync();
        Assert.Equal((status, answer.ToString()), ((int)response.StatusCode, answer.ToString()));
        return status != 200
            ? answer.GetProperty("error").GetString()!
            : string.Join("; ", answer.GetProperty("outputs").EnumerateArray().Select(static o =>
                $"{o.GetProperty("name").GetString()} {o.GetProperty("datatype").GetString()} {o.GetProperty("shape").GetRawText()} {o.GetProperty("data").GetRawText()}"));
    }

    private async Task<EmbeddedHost> StartAsync(TinyOnnx model, string input, string task = """ "output": { "kind": "tensor" } """)
    {
        File.WriteAllBytes(Path.Combine(_models.Path, "model.onnx"), model.ToBytes());
        var file = Path.Combine(_models.Path, "p.json");
        File.WriteAllText(file, $$"""
            { "name": "p", "sloMs": 20000, "input": {{input}},
              "tasks": [ { "name": "t", {{task}}, "variants": [ { "name": "v", "model": "model.onnx", "accuracy": 1 } ] } ] }
            """);
        return await EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path }, TestContext.Current.CancellationToken);
    }
}

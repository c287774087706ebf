using System.Globalization;
using System.Text;
using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>More than the best class, where a request asks for it: Triton's classification extension, and all probabilities. The model gives back
/// its input as logits: those of 1, 2 and 5 are 1/8, 2/8 and 5/8 of the softmax.</summary>
public sealed class BestClassesTests : IDisposable
{
    private const int Clients = 24;
    private static readonly string[] s_labels = ["ant", "bee", "cat"];
    private static readonly int[][] s_orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Infer_ClassificationOfAPipelinesScore_EveryClientGetsItsOwnBest()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async c =>
        {
            var order = s_orders[c % s_orders.Length];
            var outputs = await AskAsync(client, "p", order, """ "outputs":[{"name":"judge.score","parameters":{"classification":2}},{"name":"judge.label"}] """);
            Assert.Equal([$"0.625000:{order[2]}:{s_labels[order[2]]}", $"0.250000:{order[1]}:{s_labels[order[1]]}"], Texts(outputs[0]));
            Assert.Equal("""{"datatype":"BYTES","shape":[1,2]}""", $$"""{"datatype":"{{outputs[0].GetProperty("datatype")}}","shape":{{outputs[0].GetProperty("shape").GetRawText()}}}""");
            Assert.Equal([s_labels[order[2]]], Texts(outputs[1]));
        }));
    }

    [Theory]
    [InlineData(""" "parameters":{"probabilities":true} """, "judge.parent,judge.label,judge.score,judge.probabilities")]
    [InlineData(""" "parameters":{"probabilities":true},"outputs":[{"name":"judge.label"}] """, "judge.label,judge.probabilities")]
    [InlineData(""" "outputs":[{"name":"judge.probabilities"}] """, "judge.probabilities")]
    public async Task Infer_Probabilities_OfAllClassesInTheModelsOrder(string asked, string names)
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var outputs = await AskAsync(client, "p", [2, 0, 1], asked);
        Assert.Equal(names, string.Join(',', outputs.Select(o => o.GetProperty("name").GetString())));
        Assert.Equal("[1,3]", outputs[^1].GetProperty("shape").GetRawText());
        Assert.Equal([0.25f, 0.625f, 0.125f], outputs[^1].GetProperty("data").EnumerateArray().Select(e => e.GetSingle()), (a, b) => Math.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public async Task Infer_ClassificationOfAVariant_ValuesAsTheyAreByRow()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        const string Rows = """{"inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[1,7.5,1,-2,0,-1]}],"outputs":[{"name":"y","parameters":{"classification":9}}]}""";
        using var response = await client.PostJsonAsync("/v2/models/v/infer", Rows);
        var output = (await response.JsonAsync()).GetProperty("outputs")[0];
        Assert.Equal("[2,3]", output.GetProperty("shape").GetRawText());
        Assert.Equal(["7.500000:1:bee", "1.000000:0:ant", "1.000000:2:cat", "0.000000:1:bee", "-1.000000:2:cat", "-2.000000:0:ant"], Texts(output));

        using var binary = await client.PostJsonAsync("/v2/models/v/infer", Rows.Replace("\"classification\":9", "\"classification\":1,\"binary_data\":true", StringComparison.Ordinal));
        var json = int.Parse(binary.Headers.GetValues("Inference-Header-Content-Length").Single(), CultureInfo.InvariantCulture);
        Assert.Equal([14, 0, 0, 0, .. Encoding.UTF8.GetBytes("7.500000:1:bee"), 14, 0, 0, 0, .. Encoding.UTF8.GetBytes("0.000000:1:bee")], (await binary.Content.ReadAsByteArrayAsync(Token))[json..]);
    }

    [Theory]
    [InlineData("p", "judge.score", "0", "$.outputs[0].parameters.classification: found 0, expected an integer from 1 to 10000 (the best so many classes).")]
    [InlineData("v", "y", "1.5", "$.outputs[0].parameters.classification: found 1.5, expected an integer from 1 to 10000 (the best so many classes).")]
    [InlineData("v", "y", "\"all\"", "$.outputs[0].parameters.classification: found \"all\", expected an integer from 1 to 10000 (the best so many classes).")]
    [InlineData("p", "judge.label", "2", "$.outputs[0].parameters.classification: 'judge.label' holds no class scores: ask for them at judge.score.")]
    public async Task Infer_ClassificationThatCannotBe_OneErrorSaysWhere(string model, string output, string classes, string error)
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        var shape = model == "p" ? "[3]" : "[1,3]";
        using var response = await client.PostJsonAsync(
            $"/v2/models/{model}/infer",
            $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"{{{output}}}","parameters":{"classification":{{{classes}}}}}]}""");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(error, (await response.JsonAsync()).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Run_Classification_IsInTheStoredResult()
    {
        await using var host = await StartAsync();
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var accepted = await client.PostJsonAsync("/runs?pipeline=p", Body([0, 1, 2], """ "outputs":[{"name":"judge.score","parameters":{"classification":3}}] """));
        var id = (await accepted.JsonAsync()).GetProperty("id").GetString();
        var run = default(JsonElement);
        do
        {
            using var response = await client.GetPathAsync("/runs/" + id);
            run = await response.JsonAsync();
        }
        while (run.GetProperty("state").GetString() is "queued" or "running" or "accepted");
        Assert.Equal(["0.625000:2:cat", "0.250000:1:bee", "0.125000:0:ant"], Texts(run.GetProperty("result").GetProperty("outputs")[0]));
    }

    private static async Task<JsonElement[]> AskAsync(HttpClient client, string model, int[] order, string asked)
    {
        using var response = await client.PostJsonAsync($"/v2/models/{model}/infer", Body(order, asked));
        var answer = await response.JsonAsync();
        Assert.True(response.IsSuccessStatusCode, answer.ToString());
        return [.. answer.GetProperty("outputs").EnumerateArray()];
    }

    /// <summary>Logits of 1, 2 and 5 for the classes in this order.</summary>
    private static string Body(int[] order, string asked)
    {
        var logits = new double[3];
        (logits[order[0]], logits[order[1]], logits[order[2]]) = (0, Math.Log(2), Math.Log(5));
        return $$"""{"inputs":[{"name":"x","shape":[3],"datatype":"FP32","data":[{{string.Join(',', logits.Select(l => l.ToString("R", CultureInfo.InvariantCulture)))}}]}],{{asked}}}""";
    }

    private static IEnumerable<string?> Texts(JsonElement output) => output.GetProperty("data").EnumerateArray().Select(e => e.GetString());

    private Task<EmbeddedHost> StartAsync()
    {
        File.WriteAllBytes(
            Path.Combine(_models.Path, "m.onnx"), new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3).Output("y", TinyOnnx.Float, "N", 3).Node("Identity", ["x"], ["y"]).ToBytes());
        var file = Path.Combine(_models.Path, "p.json");
        File.WriteAllText(
            file,
            """
            { "name": "p", "sloMs": 30000, "input": { "name": "x", "datatype": "FP32", "shape": [3] },
              "tasks": [ { "name": "judge", "output": { "kind": "classification", "labels": ["ant", "bee", "cat"], "scores": "logits", "minScore": 0.5 },
                           "variants": [ { "name": "v", "model": "m.onnx", "accuracy": 1 } ] } ] }
            """);
        return EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path, Slots = 1, Port = 0 }, Token);
    }
}

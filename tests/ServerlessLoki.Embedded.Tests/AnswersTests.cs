using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Every client gets its own answer, whatever its model is like and whatever is asked beside it.</summary>
public sealed class AnswersTests : IDisposable
{
    private const int Clients = 24;
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Infer_ModelThatGivesTimeFirst_EveryClientGetsItsOwnRows()
    {
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, 2, "N", 2)
            .Constant("shape", new long[] { -1, 2, 2 }, 3).Node("Reshape", ["x", "shape"], ["pairs"])
            .Node("Transpose", ["pairs"], ["y"], ("perm", new long[] { 1, 0, 2 }));
        await using var host = await StartAsync(model, "FP32", 4);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(c => EachAsync(c, async n =>
        {
            using var response = await client.PostJsonAsync("/v2/models/p/infer", Body("FP32", 4, [c, n, c + 100, n + 100]));
            Assert.Equal([c, n, c + 100, n + 100], Values(await response.JsonAsync()));
        })));

        using var direct = await client.PostJsonAsync(
            "/v2/models/v/infer", """{"inputs":[{"name":"x","shape":[2,4],"datatype":"FP32","data":[1,2,3,4,5,6,7,8]}]}""");
        var output = (await direct.JsonAsync()).GetProperty("outputs")[0];
        Assert.Equal("[2,2,2]", output.GetProperty("shape").GetRawText());
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], Values(await direct.JsonAsync()));
        using var metadata = await client.GetPathAsync("/v2/models/v");
        Assert.Equal("[-1,2,2]", (await metadata.JsonAsync()).GetProperty("outputs")[0].GetProperty("shape").GetRawText());
        Assert.True(host.Engine.Metrics.Variants[0][0][0].BatchStats.Any(b => b.Rows > 1), "no two queries shared a batch");
    }

    [Fact]
    public async Task Infer_ModelThatMixesItsRows_IsHeldAtOneRowAndSaysSo()
    {
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Output("y", TinyOnnx.Float, "N", 2)
            .Node("ReduceMean", ["x"], ["mean"], ("axes", new long[] { 0 }), ("keepdims", 1L)).Node("Add", ["x", "mean"], ["y"]);
        await using var host = await StartAsync(model, "FP32", 2);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(c => EachAsync(c, async n =>
        {
            using var response = await client.PostJsonAsync("/v2/models/p/infer", Body("FP32", 2, [c, n]));
            Assert.Equal([2 * c, 2 * n], Values(await response.JsonAsync()));
        })));

        Assert.All(host.Engine.Metrics.Variants[0][0][0].BatchStats, b => Assert.Equal(1, b.Rows));
        Assert.All(host.Engine.Plan!.Slots, s => Assert.Equal(1, s.Batch));
        Assert.All(host.Profile.Rows, r => Assert.Equal(1, r.Batch));
        using var status = await client.GetPathAsync("/status");
        var variant = (await status.JsonAsync()).GetProperty("pipelines")[0].GetProperty("tasks")[0].GetProperty("variants")[0];
        Assert.Equal("output 'y' of a row depends on the rows beside it", variant.GetProperty("one_row_because").GetString());
    }

    [Fact]
    public async Task Infer_OneClientSendsWhatTheModelCannotCompute_NobodyElseNotices()
    {
        await using var host = await StartAsync(Gather(), "INT64", 2);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        // Under a pinned plan only a worker that is replaced swaps a slot.
        await host.Engine.ForcePlanAsync(host.Engine.Plan, Token);
        var swaps = host.Engine.Metrics.Variants[0][0][0].Swaps;
        const string Error = "Variant v cannot compute input 'x': indices element out of data bounds, idx=99 must be within the inclusive range [-10,9].";

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(c => EachAsync(c, async n =>
        {
            using var response = await client.PostJsonAsync("/v2/models/p/infer", Body("INT64", 2, [n % 10, c == 0 ? 99 : c % 10]));
            var answer = await response.JsonAsync();
            if (c == 0)
            {
                Assert.Equal((422, "invalid"), ((int)response.StatusCode, answer.GetProperty("code").GetString()));
                Assert.Equal(Error, answer.GetProperty("error").GetString());
            }
            else
            {
                Assert.Equal(200, (int)response.StatusCode);
                Assert.Equal([n % 10 * 2, c % 10 * 2], Values(answer));
            }
        })));

        using var direct = await client.PostJsonAsync("/v2/models/v/infer", Body("INT64", 2, [99, 1]).Replace("[2]", "[1,2]", StringComparison.Ordinal));
        Assert.Equal(422, (int)direct.StatusCode);
        Assert.Equal(Error, (await direct.JsonAsync()).GetProperty("error").GetString());
        var metrics = host.Engine.Metrics.Variants[0][0][0];
        Assert.Equal((swaps, 21, 0), (metrics.Swaps, metrics.RefusedRows, metrics.FailedRows));
        Assert.Equal((Clients - 1) * 20, metrics.Rows);
    }

    [Fact]
    public async Task Run_OfWhatTheModelCannotCompute_EndsOnceWithTheCause()
    {
        await using var host = await StartAsync(Gather(), "INT64", 2);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var accepted = await client.PostJsonAsync("/runs?pipeline=p", Body("INT64", 2, [1, 99]));
        var path = "/runs/" + (await accepted.JsonAsync()).GetProperty("id").GetString();
        JsonElement run;
        do
        {
            await Task.Delay(20, Token);
            using var response = await client.GetPathAsync(path);
            run = await response.JsonAsync();
        }
        while (run.GetProperty("state").GetString() is "accepted" or "pending" or "running");

        Assert.Equal(("failed", "invalid"), (run.GetProperty("state").GetString(), run.GetProperty("code").GetString()));
        Assert.Contains("cannot compute input 'x'", run.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, host.Engine.Metrics.Variants[0][0][0].RefusedRows);
    }

    [Fact]
    public async Task Infer_OutputWhoseSizeDependsOnTheData_IsAnsweredInAnyOrder()
    {
        // As many pairs as there are values above zero: no batch dimension at all.
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 4).Output("y", TinyOnnx.Float, "num", 2)
            .Node("Relu", ["x"], ["positive"]).Node("NonZero", ["positive"], ["at"]).Node("Transpose", ["at"], ["rows"]).Node("Cast", ["rows"], ["y"], ("to", 1L));
        await using var host = await StartAsync(model, "FP32", 4);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(c => EachAsync(c, async n =>
        {
            var count = (c + n) % 5;
            using var response = await client.PostJsonAsync("/v2/models/p/infer", Body("FP32", 4, [.. Enumerable.Range(0, 4).Select(i => i < count ? 1 : -1)]));
            Assert.Equal(Enumerable.Range(0, count).SelectMany(i => new[] { 0, i }), Values(await response.JsonAsync()));
        })));

        using var unlike = await client.PostJsonAsync(
            "/v2/models/v/infer", """{"inputs":[{"name":"x","shape":[2,4],"datatype":"FP32","data":[1,0,0,0,1,1,0,0]}]}""");
        Assert.Equal(422, (int)unlike.StatusCode);
        Assert.Contains("one row at a time", (await unlike.JsonAsync()).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_ChildOfAnotherSize_SeesItsParentsImage()
    {
        var big = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 4, 4).Output("y", TinyOnnx.Float, "N", 3, 4, 4)
            .Constant("zero", [0f], 1).Node("Mul", ["x", "zero"], ["y"]).ToBytes();
        var mean = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 3, 2, 2).Output("y", TinyOnnx.Float, "N", 3, 1, 1).Node("GlobalAveragePool", ["x"], ["y"]).ToBytes();
        await using var host = await StartAsync(
            """
            { "name": "p", "sloMs": 2000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
              "tasks": [ { "name": "enhance", "variants": [ { "name": "e", "model": "e.onnx", "accuracy": 1 } ] },
                         { "name": "mean", "variants": [ { "name": "m", "model": "m.onnx", "accuracy": 1 } ] } ],
              "edges": [ { "from": "enhance", "to": "mean" } ] }
            """, ("e.onnx", big), ("m.onnx", mean));
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var response = await client.PostJsonAsync(
            "/v2/models/p/infer", """{"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","data":[200,200,200]}]}""");
        var answer = await response.JsonAsync();
        var output = answer.GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == "mean");
        Assert.Equal([0, 0, 0], output.GetProperty("data").EnumerateArray().Select(v => v.GetDouble()));
    }

    [Fact]
    public async Task Infer_ScoresThatAreNotNumbers_FailAndAreCounted()
    {
        // The root of a negative number is none.
        var model = new TinyOnnx().Input("x", TinyOnnx.Float, "N", 2).Output("y", TinyOnnx.Float, "N", 2).Node("Sqrt", ["x"], ["y"]).ToBytes();
        await using var host = await StartAsync(
            """
            { "name": "p", "sloMs": 2000, "input": { "name": "x", "datatype": "FP32", "shape": [2] },
              "tasks": [ { "name": "t", "output": { "kind": "classification", "labels": ["a", "b"] },
                "variants": [ { "name": "v", "model": "v.onnx", "accuracy": 0.9 } ] } ] }
            """, ("v.onnx", model));
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var bad = await client.PostJsonAsync("/v2/models/p/infer", Body("FP32", 2, [-1, 1]));
        Assert.Equal(500, (int)bad.StatusCode);
        Assert.Equal("Variant v answered with values that are not numbers (NaN or infinite).", (await bad.JsonAsync()).GetProperty("error").GetString());
        using var good = await client.PostJsonAsync("/v2/models/p/infer", Body("FP32", 2, [0, 1]));
        Assert.Equal(200, (int)good.StatusCode);
        using var direct = await client.PostJsonAsync("/v2/models/v/infer", Body("FP32", 2, [-1, 1]).Replace("[2]", "[1,2]", StringComparison.Ordinal));
        Assert.Equal("[null,1]", (await direct.JsonAsync()).GetProperty("outputs")[0].GetProperty("data").GetRawText());
        using var metrics = await client.GetPathAsync("/metrics");
        Assert.Contains("""loki_nonfinite_rows_total{pipeline="p",task="t",variant="v"} 1""", await metrics.TextAsync(), StringComparison.Ordinal);
    }

    private static async Task EachAsync(int client, Func<int, Task> ask)
    {
        await Task.Yield();
        for (var n = 0; n < 20; n++)
            await ask(client + n);
    }

    /// <summary>Twice the entry that each index names, of a table with ten.</summary>
    private static TinyOnnx Gather() => new TinyOnnx().Input("x", TinyOnnx.Int64, "N", 2).Output("y", TinyOnnx.Float, "N", 2)
        .Constant("table", [.. Enumerable.Range(0, 10).Select(i => 2f * i)], 10).Node("Gather", ["table", "x"], ["y"]);

    private static string Body(string datatype, int size, int[] values) =>
        $$"""{"inputs":[{"name":"x","shape":[{{size}}],"datatype":"{{datatype}}","data":[{{string.Join(',', values)}}]}]}""";

    private static IEnumerable<int> Values(JsonElement answer) =>
        answer.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(v => (int)v.GetDouble());

    private Task<EmbeddedHost> StartAsync(TinyOnnx model, string datatype, int size) => StartAsync(
        $$"""
        { "name": "p", "sloMs": 60000, "input": { "name": "x", "datatype": "{{datatype}}", "shape": [{{size}}] },
          "tasks": [ { "name": "t", "variants": [ { "name": "v", "model": "v.onnx", "accuracy": 0.9 } ] } ] }
        """, ("v.onnx", model.ToBytes()));

    private Task<EmbeddedHost> StartAsync(string pipeline, params (string File, byte[] Content)[] models)
    {
        foreach (var (file, content) in models)
            File.WriteAllBytes(Path.Combine(_models.Path, file), content);
        var path = Path.Combine(_models.Path, "p.json");
        File.WriteAllText(path, pipeline);
        return EmbeddedHost.StartAsync(new EmbeddedHostOptions { PipelineFiles = [path], DataDirectory = _data.Path, Slots = 2, Port = 0 }, Token);
    }
}

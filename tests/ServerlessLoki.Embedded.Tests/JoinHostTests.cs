using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>A diamond of real models over real HTTP: x, doubled and tripled, laid side by side.</summary>
public sealed class JoinHostTests : IDisposable
{
    private const string Body = """{"inputs":[{"name":"x","shape":[3,1,1],"datatype":"FP32","data":[1,2,3]}]}""";
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Infer_Diamond_TheJoinSeesBothBranches()
    {
        await using var host = await EmbeddedHost.StartAsync(Options(size: 3), Token);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        using var response = await client.PostJsonAsync("/v2/models/diamond/infer", Body);

        var answer = await response.JsonAsync();
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal([2, 4, 6, 3, 6, 9], Values(answer, "fuse"));
        Assert.Equal([0], Values(answer, "fuse.parent"));
        Assert.Equal(0.5, answer.GetProperty("parameters").GetProperty("accuracy").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task Run_Diamond_IsDurableLikeAnyOther()
    {
        await using var host = await EmbeddedHost.StartAsync(Options(size: 3), Token);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };
        using var accepted = await client.PostJsonAsync("/runs?pipeline=diamond", Body);
        var path = "/runs/" + (await accepted.JsonAsync()).GetProperty("id").GetString();

        JsonElement run;
        do
        {
            await Task.Delay(20, Token);
            using var response = await client.GetPathAsync(path);
            run = await response.JsonAsync();
        }
        while (run.GetProperty("state").GetString() is "accepted" or "pending" or "running");

        Assert.Equal("completed", run.GetProperty("state").GetString());
        Assert.Equal([2, 4, 6, 3, 6, 9], Values(run.GetProperty("result"), "fuse"));
    }

    [Fact]
    public async Task Start_PartsThatDoNotFitTheModel_IsRefused()
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => EmbeddedHost.StartAsync(Options(size: 2), Token));

        Assert.Contains("size is 2, but a row of output y FP32 [-1,3,1,1] of the parent has 3 values", fault.Message, StringComparison.Ordinal);
    }

    private static float[] Values(JsonElement answer, string output) =>
        [.. answer.GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == output).GetProperty("data").EnumerateArray().Select(e => e.GetSingle())];

    private EmbeddedHostOptions Options(int size)
    {
        File.WriteAllBytes(Path.Combine(_models.Path, "same.onnx"), TinyOnnx.Scale(1, 1, 1));
        File.WriteAllBytes(Path.Combine(_models.Path, "double.onnx"), TinyOnnx.Scale(2, 1, 1));
        File.WriteAllBytes(Path.Combine(_models.Path, "triple.onnx"), TinyOnnx.Scale(3, 1, 1));
        File.WriteAllBytes(Path.Combine(_models.Path, "fuse.onnx"), TinyOnnx.Scale(1, 2, 1));
        var file = Path.Combine(_models.Path, "diamond.json");
        File.WriteAllText(
            file,
            $$"""
            { "name": "diamond", "sloMs": 1000, "input": { "name": "x", "datatype": "FP32", "shape": [3, 1, 1] },
              "tasks": [
                { "name": "root", "variants": [ { "name": "same", "model": "same.onnx", "accuracy": 1 } ] },
                { "name": "left", "variants": [ { "name": "double", "model": "double.onnx", "accuracy": 0.4 } ] },
                { "name": "right", "variants": [ { "name": "triple", "model": "triple.onnx", "accuracy": 0.6 } ] },
                { "name": "fuse", "join": "all", "variants": [ { "name": "fused", "model": "fuse.onnx", "accuracy": 1 } ] } ],
              "edges": [
                { "from": "root", "to": "left" }, { "from": "root", "to": "right" },
                { "from": "left", "to": "fuse", "transforms": [ { "name": "concat", "size": {{size}} } ] },
                { "from": "right", "to": "fuse", "transforms": [ { "name": "concat", "size": {{size}} } ] } ] }
            """);
        return new EmbeddedHostOptions { PipelineFiles = [file], DataDirectory = _data.Path, Slots = 4, Port = 0 };
    }
}

using System.Text.Json;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>A diamond of real models over real HTTP: x, doubled and tripled, laid side by side.</summary>
public sealed class JoinHostTests : IDisposable
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
    public async Task Infer_Diamond_TheJoinSeesBothBranches()
    {
        await using var host = await EmbeddedHost.StartAsync(Options(size: 3), Token);
        using var client = new HttpClient { BaseAddress = host.BaseAddress };

        using var response = await client.PostJsonAsync("/v2/models/diamond/infer", DiamondPipeline.Body);

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
        using var accepted = await client.PostJsonAsync("/runs?pipeline=diamond", DiamondPipeline.Body);
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

    private EmbeddedHostOptions Options(int size) =>
        new EmbeddedHostOptions { PipelineFiles = [DiamondPipeline.Write(_models.Path, size)], DataDirectory = _data.Path, Slots = 4, Port = 0 };
}

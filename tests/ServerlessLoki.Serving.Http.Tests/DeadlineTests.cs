using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>A pipeline with an SLO of 50 ms whose model takes much longer, asked over HTTP: the caller's deadline counts, not the SLO.</summary>
[Collection(PooledCollection.Name)]
public sealed class DeadlineTests
{
    private const string Path = "/v2/models/p/infer";
    private const string Body = """{"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","data":[1,2,3]}]}""";

    [Fact]
    public async Task Infer_NoDeadline_EndsByTheSlo()
    {
        using var ending = new ManualResetEventSlim();
        await using var test = await StartAsync(() => ending.Wait(TimeSpan.FromSeconds(60)));
        await using var host = await ApiHost.StartAsync(test.Engine);
        using var response = await PostAsync(host, null);
        await response.ErrorAsync(504, "expired");
        Assert.False(ending.IsSet);
        ending.Set();
        Assert.Equal(0, test.Engine.Metrics.Pipelines[0].BeyondSlo);
    }

    [Fact]
    public async Task Infer_MoreTimeThanTheSlo_IsAnsweredAndCountedApart()
    {
        await using var test = await StartAsync(() => Thread.Sleep(200));
        await using var host = await ApiHost.StartAsync(test.Engine);
        using var response = await PostAsync(host, "60000");
        Assert.Equal(200, (int)response.StatusCode);
        using var metrics = await host.Client.GetPathAsync("/metrics");
        var text = await metrics.TextAsync();
        Assert.Contains("loki_queries_total{pipeline=\"p\",outcome=\"completed\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("loki_queries_beyond_slo_total{pipeline=\"p\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("loki_slo_attainment_ratio{pipeline=\"p\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("loki_deadline_attainment_ratio{pipeline=\"p\"} 1\n", text, StringComparison.Ordinal);
        using var stats = await host.Client.GetPathAsync("/v2/models/p/stats");
        Assert.Equal(1, (await stats.JsonAsync()).GetProperty("model_stats")[0].GetProperty("beyond_slo_count").GetInt32());
    }

    [Fact]
    public async Task Infer_LessTimeThanTheSlo_EndsByItsOwnDeadline()
    {
        using var ending = new ManualResetEventSlim();
        await using var test = await StartAsync(() => ending.Wait(TimeSpan.FromSeconds(60)), sloMs: 3_600_000);
        await using var host = await ApiHost.StartAsync(test.Engine);
        using var response = await PostAsync(host, "20");
        await response.ErrorAsync(504, "expired");
        Assert.False(ending.IsSet);
        ending.Set();
    }

    /// <summary>Its profile knows 10 ms, as that of a fresh app whose first batches are slow; no control period ends while the test runs.</summary>
    private static Task<TestEngine> StartAsync(Action run, int sloMs = 50)
    {
        var models = new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => run() };
        return TestEngine.StartAsync(
            models: models, options: o => o with { ControlPeriod = TimeSpan.FromHours(1) },
            pipeline: TestEngine.Traffic.Replace("\"sloMs\": 1000", $"\"sloMs\": {sloMs}", StringComparison.Ordinal));
    }

    private static Task<HttpResponseMessage> PostAsync(ApiHost host, string? deadlineMs)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(Body, System.Text.Encoding.UTF8, "application/json") };
        if (deadlineMs is not null)
            request.Headers.Add("x-deadline-ms", deadlineMs);
        return host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}

using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Embedded.Tests.Door;

/// <summary>What connections may cost. Times are real, so limits are wide and tests wait for what must come.</summary>
public sealed class ConnectionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Crowd_ThatOnlyConnects_KeepsNobodyOut()
    {
        await using var host = await DoorHost.StartAsync(o => o with { MaxConnections = 20 });
        var crowd = new List<RawClient>();
        for (var i = 0; i < 100; i++)
        {
            crowd.Add(new RawClient(host.Url));
            if (i % 2 == 0)
                await crowd[^1].SendAsync("GET /v2 HTTP/1.1\r\nHost: localhost\r\nX: ");
        }

        for (var i = 0; i < 5; i++)
        {
            using var client = new HttpClient { BaseAddress = host.Url };
            using var plain = await client.GetPathAsync("/v2");
            Assert.Equal(200, (int)plain.StatusCode);
        }

        // Those that came first have gone.
        Assert.Equal("", await crowd[0].ToEndAsync());
        while (host.Connections > 20)
            await Task.Delay(10, Token);
        crowd.ForEach(c => c.Dispose());
        while (host.Connections > 0)
            await Task.Delay(10, Token);
    }

    [Fact]
    public async Task Crowd_WhoseRequestsRun_IsKeptAndTheNewcomerRefused()
    {
        await using var host = await DoorHost.StartAsync(o => o with { MaxConnections = 2 });
        var (running, leave) = (new SemaphoreSlim(0), new TaskCompletionSource());
        host.Engine.Answer = async (r, _) =>
        {
            running.Release();
            await leave.Task;
            return FakeEngine.TwoCars(r);
        };
        const string Body = """{"inputs":[{"name":"image","shape":[1,1,3],"datatype":"UINT8","data":[1,2,3]}]}""";
        var first = host.Client.PostJsonAsync("/v2/models/traffic/infer", Body);
        var second = host.Client.PostJsonAsync("/v2/models/traffic/infer", Body);
        await running.WaitAsync(Token);
        await running.WaitAsync(Token);
        using (var client = new HttpClient { BaseAddress = host.Url })
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetPathAsync("/v2"));
        leave.SetResult();
        Assert.Equal((200, 200), ((int)(await first).StatusCode, (int)(await second).StatusCode));
    }

    [Fact(Timeout = 300_000)]
    public async Task Client_ThatPipelinesAndDoesNotRead_IsCut()
    {
        await using var host = await DoorHost.StartAsync(o => o with { MaxAnswerStall = TimeSpan.FromSeconds(1) });
        host.Engine.Infer = _ => new Serving.Queries.VariantResult(Serving.Queries.QueryOutcome.Completed, null, [new byte[400_000]]);
        using var deaf = new RawClient(host.Url);
        var request = "POST /v2/models/echo-FP32/infer HTTP/1.1\r\nHost: localhost\r\nInference-Header-Content-Length: 0\r\nContent-Length: 8\r\n\r\n12345678";
        await deaf.SendAsync(string.Concat(Enumerable.Repeat(request, 200)));
        while (host.Connections < 1)
            await Task.Delay(10, Token);
        // 400 KB more than the buffers take have half a minute at the least rate.
        while (host.Connections > 0)
            await Task.Delay(100, Token);
    }

    [Fact]
    public async Task Client_ThatReadsSteadily_GetsAllOfALargeAnswer()
    {
        await using var host = await DoorHost.StartAsync(o => o with { MaxAnswerStall = TimeSpan.FromSeconds(30) });
        host.Engine.Infer = _ => new Serving.Queries.VariantResult(Serving.Queries.QueryOutcome.Completed, null, [new byte[20_000_000]]);
        using var answer = await host.Client.PostBytesAsync("/v2/models/echo-FP32/infer", new byte[8], "0");
        Assert.True((await answer.Content.ReadAsByteArrayAsync(Token)).Length > 20_000_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Upload_BelowTheLeastRate_Is408WithABody(bool chunked)
    {
        await using var host = await DoorHost.StartAsync(
            o => o with { Limits = new InferLimits { MinUploadRate = 10_000, UploadGrace = TimeSpan.FromSeconds(1.5) } });
        using var slow = new RawClient(host.Url);
        await slow.SendAsync(
            $"POST /v2/models/echo-FP32/infer HTTP/1.1\r\nHost: localhost\r\n{(chunked ? "Transfer-Encoding: chunked" : "Content-Length: 33554432")}\r\n\r\n");
        var answer = slow.ToEndAsync();
        while (!answer.IsCompleted)
        {
            try
            {
                await slow.SendAsync(chunked ? "1\r\n \r\n" : " ");
            }
            catch (IOException)
            {
                // The server has closed.
            }

            await Task.WhenAny(answer, Task.Delay(200, Token));
        }

        var text = await answer;
        Assert.StartsWith("HTTP/1.1 408 ", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"too_slow\"", text, StringComparison.Ordinal);
    }
}

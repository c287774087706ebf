using System.Net;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Http.Tests;

namespace ServerlessLoki.Embedded.Tests;

public sealed class ProbeServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v2/health/live", 200, "\"live\":true")]
    [InlineData("/v2/health/ready", 200, "\"ready\":true")]
    [InlineData("/metrics?x=1", 200, "loki_ready 1")]
    [InlineData("/runs", 404, "not_found")]
    public async Task Get_EachPath_Answers(string path, int status, string part)
    {
        using var probes = new ProbeServer(IPAddress.Loopback, 0, new LokiApiContext { Engine = new FakeEngine() });
        using var client = new HttpClient { BaseAddress = probes.Address };
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Token);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(part, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WhileTheHostStarts_IsAliveAndNotReady()
    {
        using var probes = new ProbeServer(IPAddress.Loopback, 0, new LokiApiContext());
        using var client = new HttpClient { BaseAddress = probes.Address };
        using var live = await client.GetAsync(new Uri("/v2/health/live", UriKind.Relative), Token);
        using var ready = await client.GetAsync(new Uri("/v2/health/ready", UriKind.Relative), Token);
        using var post = await client.PostAsync(new Uri("/metrics", UriKind.Relative), null, Token);
        Assert.Equal((200, 503, 405), ((int)live.StatusCode, (int)ready.StatusCode, (int)post.StatusCode));
    }

    [Fact]
    public async Task Get_BehindSomebodyWhoSaysNothing_IsAnswered()
    {
        using var probes = new ProbeServer(IPAddress.Loopback, 0, new LokiApiContext());
        using var silent = new System.Net.Sockets.TcpClient();
        await silent.ConnectAsync(probes.Address.Host, probes.Address.Port, Token);
        using var client = new HttpClient { BaseAddress = probes.Address };
        using var live = await client.GetAsync(new Uri("/v2/health/live", UriKind.Relative), Token);
        Assert.Equal(200, (int)live.StatusCode);
    }
}

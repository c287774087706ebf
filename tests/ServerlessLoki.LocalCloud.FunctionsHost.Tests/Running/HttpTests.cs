using System.Net;
using System.Net.Http.Headers;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Running;

/// <summary>Requests to a worker behind the host.</summary>
public sealed class HttpTests(TestCloud cloud)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/test/pid", null, 200)]
    [InlineData("/test/items/4", null, 401)]
    [InlineData("/test/items/4", "nonsense", 401)]
    [InlineData("/test/items/4", TestHost.FunctionKey, 200)]
    [InlineData("/test/items/4", TestHost.MasterKey, 200)]
    [InlineData("/test/secret", null, 401)]
    [InlineData("/test/secret", TestHost.FunctionKey, 401)]
    [InlineData("/test/secret", TestHost.MasterKey, 204)]
    public async Task Level_IsAskedForAsTheFunctionSays(string path, string? key, int status)
    {
        var host = await cloud.HostAsync();
        Assert.Equal(status, await host.StatusAsync(HttpMethod.Get, path, key));
        if (key is not null)
            Assert.Equal(status, await host.StatusAsync(HttpMethod.Get, $"{path}?code={key}"));
    }

    [Theory]
    [InlineData("HEAD", "/test/pid", 200)]
    [InlineData("POST", "/test/pid", 405)]
    [InlineData("GET", "/test/items/four", 404)]
    [InlineData("GET", "/test/Plain", 204)]
    [InlineData("GET", "/Plain", 404)]
    [InlineData("GET", "/test/off", 404)]
    [InlineData("GET", "/test/throw", 500)]
    public async Task Route_IsMatchedByTemplateMethodAndPrefix(string method, string path, int status) =>
        Assert.Equal(status, await (await cloud.HostAsync()).StatusAsync(new HttpMethod(method), path, TestHost.MasterKey));

    [Fact]
    public async Task RouteValue_IsBoundToAParameter() => Assert.Equal("5", await (await cloud.HostAsync()).TextAsync($"/test/items/4?code={TestHost.FunctionKey}"));

    [Fact]
    public async Task Setting_OfTheHostsEnvironment_IsTheWorkersToo() => Assert.Equal("a setting", await (await cloud.HostAsync()).TextAsync("/test/settings/FromTheTest"));

    [Fact]
    public async Task Body_OfMegabytes_ComesBackUnchanged()
    {
        var host = await cloud.HostAsync();
        var body = new byte[5_000_000];
        new Random(1).NextBytes(body);
        using var content = new ByteArrayContent(body);
        using var response = await host.Http.PostAsync(new Uri("/test/echo", UriKind.Relative), content, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(host.Http.BaseAddress!.Authority, response.Headers.GetValues("x-host").Single());
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task Body_SentPieceByPiece_ReachesTheFunctionBeforeItEnds()
    {
        var host = await cloud.HostAsync();
        var pieces = await host.SeenAsync("pieces");
        using var content = new SlowContent();
        var sending = host.Http.PostAsync(new Uri("/test/echo", UriKind.Relative), content, Stop);
        // More than forwarders and clients hold back.
        var first = new string('x', 100_000);
        await content.WriteAsync(first);
        await host.HasSeenAsync("pieces", pieces + 1);
        await content.WriteAsync("second");
        content.End();
        using var response = await sending;
        Assert.Equal(first + "second", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task Answer_SentPieceByPiece_ReachesTheClientBeforeItEnds()
    {
        var host = await cloud.HostAsync();
        using var response = await host.Http.GetAsync(new Uri("/test/drip", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        var buffer = new char[6];
        Assert.Equal("first ", new string(buffer, 0, await reader.ReadBlockAsync(buffer, Stop)));
        Assert.Equal(204, await host.StatusAsync(HttpMethod.Get, "/test/go"));
        Assert.Equal("second", await reader.ReadToEndAsync(Stop));
    }

    [Fact]
    public async Task Client_GoesAway_FunctionIsCancelled()
    {
        var host = await cloud.HostAsync();
        var (hanging, cancelled) = (await host.SeenAsync("hanging"), await host.SeenAsync("cancelled"));
        using var gone = new CancellationTokenSource();
        var waiting = host.Http.GetAsync(new Uri("/test/hang", UriKind.Relative), gone.Token);
        await host.HasSeenAsync("hanging", hanging + 1);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await host.HasSeenAsync("cancelled", cancelled + 1);
    }

    [Fact]
    public async Task Function_TakesLongerThanFunctionTimeout_IsCancelledAnd500()
    {
        var host = await cloud.HostAsync();
        Assert.Equal(500, await host.StatusAsync(HttpMethod.Get, "/test/hang"));
        await host.SaysAsync("Function Hang failed: Function 'Hang' was cancelled, since it took longer than functionTimeout");
    }

    /// <summary>A body that is sent piece by piece.</summary>
    private sealed class SlowContent : HttpContent
    {
        private readonly System.Threading.Channels.Channel<string> _pieces = System.Threading.Channels.Channel.CreateUnbounded<string>();

        public SlowContent() => Headers.ContentType = new MediaTypeHeaderValue("text/plain");

        public ValueTask WriteAsync(string piece) => _pieces.Writer.WriteAsync(piece);

        public void End() => _pieces.Writer.Complete();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            await foreach (var piece in _pieces.Reader.ReadAllAsync())
            {
                await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(piece));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

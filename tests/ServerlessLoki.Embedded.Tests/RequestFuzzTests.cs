using System.Net.Http.Headers;
using System.Text;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Spoiled paths, query strings, headers and bodies, runs among them: none is answered 5xx or hangs, and the server stays sane.</summary>
public sealed class RequestFuzzTests
{
    private const int Requests = 4000;
    private const string Json = """{"id":"1","inputs":[{"name":"image","shape":[1,2,3],"datatype":"UINT8","data":[1,2,3,4,5,6]}],"parameters":{"latency_ms":5}}""";

    private static readonly (string Method, string Target)[] Calls =
    [
        ("POST", "/runs?pipeline=traffic"), ("GET", "/runs?size=10&after=abc&state=completed"), ("GET", "/runs/00000000"), ("DELETE", "/runs/00000000"),
        ("POST", "/v2/models/traffic/infer"), ("POST", "/v2/models/traffic/versions/1/infer"), ("GET", "/v2/models/traffic/versions/1/stats"),
        ("GET", "/v2/models/echo-FP32/config"), ("POST", "/v2/repository/index"), ("GET", "/v2"), ("GET", "/status"), ("GET", "/metrics"),
    ];

    private static readonly string[] HeaderNames =
        ["x-deadline-ms", "x-min-accuracy", "Inference-Header-Content-Length", "pipeline", "Content-Type", "Accept", "Range", "If-None-Match", "x-unknown"];

    private static readonly string[] Values =
        ["0", "-1", "1e999", "NaN", "0.5", "0,5", "99999999999999999999", "traffic", "text/plain", "image/png", "application/json; charset=utf-16", "*/*", "", " ", "a,b", "%00", "../..", "completed", "true"];

    private static readonly string[] Spoils = ["%00", "%ff", "%2e%2e", "%2f", "//", "?", "&", "=", "size=", "&size=-1", "after=%F0", "state=x", "a", "0", ";", "+", "*", "[", "'"];

    [Fact]
    public async Task Requests_SpoiledAnywhere_AreAnsweredBelow500()
    {
        using var directory = new TempDirectory();
        using var database = SqliteDatabase.Open(directory.Path);
        var store = new SqliteStateStore(database);
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBodyBytes = 1 << 16 });
        await using var runs = new RunService(
            host.Engine, store, store, new SqlitePayloadStore(database), store, host.Context.Limits, new RunOptions(), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await runs.StartAsync(TestContext.Current.CancellationToken);
        host.Context.Runs = runs;
        var random = new Random(20261123);
        var png = PictureCodec.EncodePng(RgbImage.Over(4, 4, new byte[48]));
        var statuses = new Dictionary<int, int>();
        for (var i = 0; i < Requests; i++)
        {
            using var request = Next(random, host.Client.BaseAddress!, png, runs: i % 2 == 0);
            using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            var status = (int)response.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status is >= 200 and < 500, $"{status} for {request} -> {await response.TextAsync()}");
        }

        foreach (var seen in (int[])[200, 202, 400, 404, 405])
            Assert.Contains(seen, statuses.Keys);
        while (runs.Backlog > 0)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        using var sane = await host.Client.PostJsonAsync("/v2/models/traffic/infer", Json);
        Assert.Equal(200, (int)sane.StatusCode);
    }

    private static HttpRequestMessage Next(Random random, Uri server, byte[] png, bool runs)
    {
        var (method, target) = Calls[runs ? random.Next(4) : random.Next(Calls.Length)];
        var at = new Uri(
            server.GetLeftPart(UriPartial.Authority) + (random.Next(2) == 0 ? target : Spoil(random, target)), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(random.Next(20) == 0 ? "PUT" : method), at);
        if (method == "POST")
        {
            var (body, length, type) = random.Next(3) == 0
                ? (Encoding.UTF8.GetBytes(Json), null, "application/json")
                : MalformedBodies.Next(random, Encoding.UTF8.GetBytes(Json), [], png);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            if (length is not null)
                request.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", length);
        }

        for (var n = random.Next(3); n > 0; n--)
        {
            var (name, value) = (HeaderNames[random.Next(HeaderNames.Length)], Values[random.Next(Values.Length)]);
            if (name != "Content-Type")
                request.Headers.TryAddWithoutValidation(name, value);
            else if (request.Content is { } content && content.Headers.Remove(name))
                content.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>One to three cuts, insertions or doublings behind the first slash.</summary>
    private static string Spoil(Random random, string target)
    {
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(1, target.Length + 1);
            target = random.Next(3) switch
            {
                0 => target[..at],
                1 => target.Insert(at, Spoils[random.Next(Spoils.Length)]),
                _ => target.Insert(at, target[random.Next(1, target.Length)..]),
            };
        }

        return target;
    }
}

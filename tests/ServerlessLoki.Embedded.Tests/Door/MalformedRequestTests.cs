using System.Text;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Embedded.Tests.Door;

/// <summary>Requests with faults of every layer, as bytes: none is answered 5xx or without a body, and the log stays small.</summary>
public sealed class MalformedRequestTests
{
    private const int Requests = 3000;
    private const string Infer = "/v2/models/echo-FP32/infer";
    private const string Json = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";

    private const string Local = "Host: localhost\r\nConnection: close\r\n";

    [Fact]
    public async Task Requests_SpoiledAsBytes_AreBelow500WithABodyAndLittleLog()
    {
        var log = new Characters();
        await using var host = await DoorHost.StartAsync(o => o with { LoggerFactory = new LimitedLoggerFactory(log, TimeProvider.System) });
        var random = new Random(20261130);
        var statuses = new Dictionary<int, int>();
        for (var i = 0; i < Requests; i++)
        {
            var kind = random.Next(10);
            var request = Next(random, kind);
            using var client = new RawClient(host.Url);
            await client.SendAsync(request);
            // Those whose framing lies would be waited for.
            if (kind is 1 or 2)
                client.EndSending();
            var answer = await client.ToEndAsync();
            if (answer.Length == 0)
                continue;
            var status = int.Parse(answer.AsSpan(9, 3));
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status is >= 100 and < 500, $"{status} for {request}");
            if (status >= 400)
                Assert.True(answer.Contains("\"code\":", StringComparison.Ordinal), $"{answer} for {request}");
        }

        foreach (var seen in (int[])[200, 400, 404, 405, 414, 415, 421, 431])
            Assert.Contains(seen, statuses.Keys);
        Assert.InRange(log.Count, 0, Requests);
        using var sane = await host.Client.PostJsonAsync(Infer, Json);
        Assert.Equal(200, (int)sane.StatusCode);
    }

    private static string Next(Random random, int kind) => kind switch
    {
        0 => Post(Spoil(random, Json)),
        1 => Spoil(random, Post(Json)),
        2 => $"POST {Infer} HTTP/1.1\r\n{Local}Transfer-Encoding: chunked\r\n\r\n{Pick(random, "ffffffffff\r\n", "7fffffffffffffff\r\nab", "x\r\n", "-1\r\n", "5\r\nabc")}",
        3 => $"GET /v2 HTTP/{random.Next(10)}.{random.Next(10)}\r\n{Local}\r\n",
        4 => $"GET /{Spoil(random, "v2/models/traffic")} HTTP/1.1\r\n{Local}\r\n",
        5 => $"GET /v2 HTTP/1.1\r\nConnection: close\r\nHost: {Pick(random, "evil.example", "", "a b", "[::", new string('x', 300))}\r\n\r\n",
        6 => $"GET /{new string('a', random.Next(20_000))} HTTP/1.1\r\n{Local}\r\n",
        7 => $"GET /v2 HTTP/1.1\r\n{Local}{string.Concat(Enumerable.Repeat("a: b\r\n", random.Next(200)))}\r\n",
        8 => $"{Pick(random, "FOO", "TRACE", "DELETE", "PUT")} {Pick(random, Infer, "/plan", "/status", "/%00")} HTTP/1.1\r\n{Local}Content-Length: 0\r\n\r\n",
        _ => Post(Json, $"Content-Encoding: {Pick(random, "gzip", "br", "deflate", "zstd", "")}\r\n"),
    };

    private static string Post(string body, string header = "") =>
        $"POST {Infer} HTTP/1.1\r\n{Local}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n{header}\r\n{body}";

    private static string Pick(Random random, params ReadOnlySpan<string> of) => of[random.Next(of.Length)];

    private static string Spoil(Random random, string text)
    {
        var spoiled = new StringBuilder(text);
        for (var n = random.Next(1, 4); n > 0 && spoiled.Length > 0; n--)
        {
            var at = random.Next(spoiled.Length);
            switch (random.Next(3))
            {
                case 0:
                    spoiled[at] = (char)random.Next(256);
                    break;
                case 1:
                    spoiled.Remove(at, Math.Min(spoiled.Length - at, random.Next(1, 9)));
                    break;
                default:
                    spoiled.Insert(at, (char)random.Next(256));
                    break;
            }
        }

        return spoiled.ToString();
    }

    /// <summary>Counts what a log would hold, with stacks.</summary>
    private sealed class Characters : ILoggerFactory, ILogger
    {
        public int Count { get; private set; }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Count += formatter(state, exception).Length + (exception?.ToString().Length ?? 0);
        }

        public void Dispose()
        {
        }
    }
}

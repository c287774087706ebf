using System.Text.Json;

namespace ServerlessLoki.Embedded.Tests.Door;

/// <summary>What the web server refuses before the API sees it has the body that every error has, and none is a 5xx.</summary>
public sealed class BareErrorTests
{
    [Theory]
    [InlineData("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400, "bad_request")]
    [InlineData("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 400, "bad_request")]
    [InlineData("GET /\r\n\r\n", 400, "bad_request")]
    [InlineData("\0\u0001\u0002 nothing\r\n\r\n", 400, "bad_request")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400, "bad_request")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad_request")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400, "bad_request")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400, "bad_request")]
    [InlineData("POST /v2/models/echo-FP32/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400, "bad_request")]
    [InlineData("POST /v2/models/echo-FP32/infer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 400, "bad_request")]
    public async Task Request_ThatIsNoHttp_IsAnsweredWithABody(string request, int status, string code)
    {
        await using var host = await DoorHost.StartAsync();
        Error(await host.RawAsync(request), status, code);
    }

    [Theory]
    [InlineData(10_000, 0, 0, 414)]
    [InlineData(0, 40_000, 0, 431)]
    [InlineData(0, 0, 150, 431)]
    public async Task Request_WithALongHead_IsAnsweredWithABody(int path, int header, int headers, int status)
    {
        await using var host = await DoorHost.StartAsync();
        var more = string.Concat(Enumerable.Range(0, headers).Select(i => $"X{i}: a\r\n"));
        var answer = await host.RawAsync($"GET /{new string('a', path)} HTTP/1.1\r\nHost: localhost\r\nX: {new string('a', header)}\r\n{more}\r\n");
        Error(answer, status, "too_large");
    }

    [Fact]
    public async Task Request_AfterAGoodOne_IsAnsweredWithABodyToo()
    {
        await using var host = await DoorHost.StartAsync();
        var answer = await host.RawAsync("GET /v2 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v2 HTTP/7.1\r\nHost: localhost\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Error(answer[answer.LastIndexOf("HTTP/1.1 ", StringComparison.Ordinal)..], 400, "bad_request");
    }

    [Fact]
    public async Task Answer_ThatLooksLikeABareError_IsLeftAlone()
    {
        await using var host = await DoorHost.StartAsync();
        var bytes = System.Text.Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n    ");
        host.Engine.Infer = _ => new ServerlessLoki.Serving.Queries.VariantResult(Serving.Queries.QueryOutcome.Completed, null, [bytes.AsMemory(0, bytes.Length / 8 * 8)]);
        using var content = new ByteArrayContent(new byte[8]);
        content.Headers.Add("Inference-Header-Content-Length", "0");
        content.Headers.ContentType = new("application/octet-stream");
        using var answer = await host.Client.PostAsync(new Uri("/v2/models/echo-FP32/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Contains("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n", body, StringComparison.Ordinal);
    }

    private static void Error(string answer, int status, string code)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        using var body = JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Equal(code, body.RootElement.GetProperty("code").GetString());
        Assert.False(string.IsNullOrWhiteSpace(body.RootElement.GetProperty("error").GetString()));
        Assert.Contains($"\r\nContent-Length: {System.Text.Encoding.UTF8.GetByteCount(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..])}\r\n", answer, StringComparison.Ordinal);
    }
}

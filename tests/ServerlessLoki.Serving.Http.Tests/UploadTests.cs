using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>How bodies arrive: in pieces, slowly, packed, with broken framing.</summary>
[Collection(PooledCollection.Name)]
public sealed class UploadTests
{
    private const string Echo = "/v2/models/echo-FP32/infer";
    private const string Two = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Infer_UploadsThatAnnounceAllMemoryAndTrickle_LockNobodyOut(bool chunked)
    {
        // As many as would hold the budget five times over, were it charged for what they announce.
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBytesInHand = 8 << 20, MaxBodyBytes = 1 << 20 });
        var slow = Enumerable.Range(0, 40).Select(_ => new RawClient(host.Client.BaseAddress!)).ToList();
        foreach (var client in slow)
            await client.SendAsync($"POST {Echo} HTTP/1.1\r\nHost: a\r\n{(chunked ? "Transfer-Encoding: chunked\r\n\r\n4\r\n    \r\n" : "Content-Length: 1048576\r\n\r\n    ")}");
        for (var i = 0; i < 20; i++)
        {
            using var plain = await host.Client.PostJsonAsync(Echo, Two);
            Assert.Equal(200, (int)plain.StatusCode);
        }

        slow.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Infer_BudgetFullOfSlowUploads_TheLargestIsEndedAndTheNewcomerServed()
    {
        var time = new FakeTimeProvider();
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBytesInHand = 800_000, MaxBodyBytes = 1 << 20 }, time);
        using var large = new RawClient(host.Client.BaseAddress!);
        using var small = new RawClient(host.Client.BaseAddress!);
        var head = $"POST {Echo} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
        await small.SendAsync(head + new string(' ', 20_000));
        await large.SendAsync(head + new string(' ', 500_000));
        // Until the host has read it, it is the newcomer.
        while (host.Context.Budget.Used < 520_000)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        using (var refused = await host.Client.PostBytesAsync(Echo, new byte[350_000], null, "application/json"))
            Assert.Equal(429, (int)refused.StatusCode);

        time.Advance(TimeSpan.FromSeconds(2));
        using (var served = await host.Client.PostBytesAsync(Echo, new byte[350_000], null, "application/json"))
            Assert.Equal(400, (int)served.StatusCode);

        var answer = await large.ToEndAsync();
        Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: ", answer, StringComparison.Ordinal);
        Assert.Contains("the largest share", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Type: application/json\r\nx-deadline-ms: 100\r\n", 100)]
    [InlineData("Inference-Header-Content-Length: 0\r\n", 60_000)]
    public async Task Infer_VariantThatHasNoTimeLeft_IsRefusedByItsHeadersAlone(string headers, int latencyMs)
    {
        await using var host = await ApiHost.StartAsync();
        host.Engine.Early = latency => new(QueryOutcome.Rejected, $"No time in {latency.TotalMilliseconds} ms.", [], TimeSpan.FromSeconds(3));
        using var client = new RawClient(host.Client.BaseAddress!);
        // Not a byte of the body is sent.
        await client.SendAsync($"POST {Echo} HTTP/1.1\r\nHost: a\r\n{headers}Content-Length: 8000000\r\n\r\n");
        var answer = await client.ToEndAsync();
        Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: ", answer, StringComparison.Ordinal);
        Assert.Contains($"No time in {latencyMs} ms.", answer, StringComparison.Ordinal);
        Assert.Equal(0, host.Context.Budget.Used);

        // The body may say how long it has, which may be longer.
        using var plain = await host.Client.PostJsonAsync(Echo, Two);
        Assert.Equal(200, (int)plain.StatusCode);
    }

    [Theory]
    [InlineData("ffffffffff\r\n")]
    [InlineData("7fffffffffffffff\r\n")]
    [InlineData("xyz\r\n")]
    [InlineData("4\r\n    no end")]
    [InlineData("-1\r\n")]
    public async Task Infer_ChunksThatLie_Are400WithABody(string chunks)
    {
        await using var host = await ApiHost.StartAsync();
        using var client = new RawClient(host.Client.BaseAddress!);
        await client.SendAsync($"POST {Echo} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        var answer = await client.ToEndAsync();
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("""
            "code":"bad_request"
            """, answer, StringComparison.Ordinal);
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(20_000)]
    public async Task Infer_BodyInPieces_IsPutTogether(int piece)
    {
        await using var host = await ApiHost.StartAsync();
        var values = Enumerable.Range(0, 100_000).Select(i => (float)i).ToArray();
        var json = Encoding.ASCII.GetBytes("""{"inputs":[{"name":"x","shape":[50000,2],"datatype":"FP32","parameters":{"binary_data_size":400000}}]}""");
        byte[] body = [.. json, .. Http.Floats(values)];
        if (piece == 1)
            body = Encoding.ASCII.GetBytes(Two);
        using var client = new RawClient(host.Client.BaseAddress!);
        await client.SendAsync($"POST {Echo} HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n{(piece == 1 ? "" : $"Inference-Header-Content-Length: {json.Length}\r\n")}\r\n");
        for (var at = 0; at < body.Length; at += piece)
            await client.SendAsync(body[at..Math.Min(body.Length, at + piece)]);
        Assert.StartsWith("HTTP/1.1 200 ", await client.AnswerAsync(), StringComparison.Ordinal);
        var received = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(host.Engine.LastInputs[0]).ToArray();
        Assert.Equal(piece == 1 ? [1, 2] : values, received);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("raw-deflate")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Infer_PackedBody_IsUnpacked(string coding)
    {
        await using var host = await ApiHost.StartAsync();
        var json = Encoding.ASCII.GetBytes("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""");
        using var response = await SendAsync(host, [.. json, .. Http.Floats(3, 4)], coding, coding == "raw-deflate" ? "deflate" : coding, json.Length);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(Http.Floats(3, 4), host.Engine.LastInputs[0]);
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, br")]
    [InlineData("GZIP2")]
    public async Task Infer_UnknownCoding_Is415AndNamesThoseTaken(string coding)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await SendAsync(host, Encoding.ASCII.GetBytes(Two), "identity", coding, null);
        var error = (await response.ErrorAsync(415, "unsupported_media_type")).GetProperty("error").GetString();
        Assert.Contains($"'{coding}'", error, StringComparison.Ordinal);
        Assert.Contains("gzip, deflate, br", error, StringComparison.Ordinal);
        Assert.Equal("gzip, deflate, br", response.Headers.GetValues("Accept-Encoding").Single());
    }

    [Theory]
    [InlineData("gzip", "identity")]
    [InlineData("deflate", "gzip")]
    [InlineData("br", "identity")]
    [InlineData("gzip", "cut-gzip")]
    [InlineData("deflate", "cut-deflate")]
    [InlineData("deflate", "cut-raw-deflate")]
    [InlineData("br", "cut-br")]
    public async Task Infer_BodyOfAnotherCoding_Is400(string announced, string coding)
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await SendAsync(host, Encoding.ASCII.GetBytes(Two), coding, announced, null);
        var error = (await response.ErrorAsync(400, "bad_request")).GetProperty("error").GetString();
        Assert.Contains(announced, error, StringComparison.Ordinal);
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Theory]
    [InlineData(8 << 20, 4 << 20, "4194304 bytes that are taken")]
    [InlineData(8 << 20, 32 << 20, "200 times")]
    public async Task Infer_PackedBomb_Is413(int size, int limit, string says)
    {
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBodyBytes = limit });
        var random = new byte[limit > size ? 0 : 30_000];
        new Random(1).NextBytes(random);
        using var response = await SendAsync(host, [.. random, .. new byte[size]], "gzip", "gzip", null);
        var error = (await response.ErrorAsync(413, "too_large")).GetProperty("error").GetString();
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.Equal(0, PooledBytes.Rented);
    }

    private static Task<HttpResponseMessage> SendAsync(ApiHost host, byte[] body, string pack, string announce, int? jsonLength)
    {
        var content = new ByteArrayContent(Pack(body, pack));
        content.Headers.ContentType = new MediaTypeHeaderValue(jsonLength is null ? "application/json" : "application/octet-stream");
        content.Headers.TryAddWithoutValidation("Content-Encoding", announce);
        var request = new HttpRequestMessage(HttpMethod.Post, Echo) { Content = content };
        if (jsonLength is { } length)
            request.Headers.Add("Inference-Header-Content-Length", $"{length}");
        return host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static byte[] Pack(byte[] body, string coding)
    {
        if (coding == "identity")
            return body;
        if (coding.StartsWith("cut-", StringComparison.Ordinal))
            return Pack(body, coding[4..])[..^9];
        var packed = new MemoryStream();
        using (Stream packer = coding switch
        {
            "deflate" => new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true),
            "raw-deflate" => new DeflateStream(packed, CompressionMode.Compress, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionMode.Compress, leaveOpen: true),
            _ => new GZipStream(packed, CompressionMode.Compress, leaveOpen: true),
        })
        {
            packer.Write(body);
        }

        return packed.ToArray();
    }
}

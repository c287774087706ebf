using System.Text.Json;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Imaging;
using static ServerlessLoki.Serving.Http.Tests.PipelineInferTests;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>Queries that a pipeline refuses or cannot answer: status, code and text.</summary>
[Collection(PooledCollection.Name)]
public sealed class PipelineInferFaultTests
{
    [Theory]
    [InlineData("/v2/models/traffic/infer", TwoPixels)]
    [InlineData("/v2/models/echo-FP32/infer", Floats)]
    public async Task Infer_DeadlineAboveTheLimit_Is400WithBothAndTheCure(string path, string body)
    {
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxDeadline = TimeSpan.FromSeconds(3) });
        using var response = await PostAsync(host, path, body, "3000.5");
        var error = (await response.ErrorAsync(400, "bad_request")).GetProperty("error").GetString();
        Assert.Contains("x-deadline-ms", error, StringComparison.Ordinal);
        Assert.Contains("3000.5 ms, at most 3000 ms", error, StringComparison.Ordinal);
        Assert.Contains("POST /runs", error, StringComparison.Ordinal);
        Assert.Equal(0, PooledBytes.Rented);
        using var least = await PostAsync(host, path, body.Replace("{\"inputs", "{\"parameters\":{\"latency_ms\":2900},\"inputs", StringComparison.Ordinal), "86400000");
        Assert.Equal(200, (int)least.StatusCode);
        Assert.Equal(TimeSpan.FromMilliseconds(2900), host.Engine.LastQuery?.Latency ?? host.Engine.LastVariant!.Latency);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Infer_BodiesInHandFillTheBudget_NextIs429UntilOneIsAnswered(bool chunked)
    {
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBytesInHand = 1, MaxBodyBytes = 1 << 20 });
        var (entered, leave) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Engine.Answer = async (r, _) =>
        {
            entered.TrySetResult();
            await leave.Task;
            return FakeEngine.TwoCars(r);
        };
        var first = host.Client.PostJsonAsync(Traffic, TwoPixels);
        await entered.Task;
        using (var request = new HttpRequestMessage(HttpMethod.Post, Traffic) { Content = new StringContent(TwoPixels, System.Text.Encoding.UTF8, "application/json") })
        {
            request.Headers.TransferEncodingChunked = chunked ? true : null;
            using var refused = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            await refused.ErrorAsync(429, "rejected");
        }

        leave.SetResult();
        using var served = await first;
        using var next = await host.Client.PostJsonAsync(Traffic, TwoPixels);
        Assert.Equal((200, 200), ((int)served.StatusCode, (int)next.StatusCode));
        Assert.Equal(0, PooledBytes.Rented);
    }

    [Fact]
    public async Task Infer_PixelsInHandFillTheBudget_NextIs429BeforeItIsDecoded()
    {
        // Each takes 4 MB while it is decoded, and far less as a file.
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxBytesInHand = 5_000_000 });
        var png = PictureCodec.EncodePng(RgbImage.Over(1000, 1000, new byte[3_000_000]));
        var (entered, leave) = (new TaskCompletionSource(), new TaskCompletionSource());
        var decoded = 0;
        host.Engine.Answer = async (r, _) =>
        {
            decoded += ((ImageInput)r.Input).IsDecoded ? 1 : 0;
            entered.TrySetResult();
            await leave.Task;
            return FakeEngine.TwoCars(r);
        };
        var first = host.Client.PostBytesAsync(Traffic, png, null, "image/png");
        await entered.Task;
        Assert.Equal(4_000_000 + png.Length, host.Context.Budget.Used);
        using var refused = await host.Client.PostBytesAsync(Traffic, png, null, "image/png");
        Assert.Contains($"no room for {4_000_000 + png.Length} more bytes", (await refused.ErrorAsync(429, "rejected")).GetProperty("error").GetString(), StringComparison.Ordinal);
        leave.SetResult();
        using var served = await first;
        using var next = await host.Client.PostBytesAsync(Traffic, png, null, "image/png");
        Assert.Equal((200, 200, 0), ((int)served.StatusCode, (int)next.StatusCode, decoded));
        Assert.Equal((0, 0), (host.Context.Budget.Used, PooledBytes.Rented));
    }

    [Theory]
    [InlineData("-0.1")]
    [InlineData("1.01")]
    [InlineData("high")]
    [InlineData("NaN")]
    public async Task Infer_UnreadableMinAccuracy_Is400(string accuracy)
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Traffic) { Content = new StringContent(TwoPixels, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("x-min-accuracy", accuracy);
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.ErrorAsync(400, "bad_request");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    public async Task Infer_UnreadableDeadline_Is400(string deadline)
    {
        await using var host = await ApiHost.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, Traffic) { Content = new StringContent(TwoPixels, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("x-deadline-ms", deadline);
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.ErrorAsync(400, "bad_request");
    }

    [Theory]
    [InlineData(QueryOutcome.Rejected, 429, "rejected")]
    [InlineData(QueryOutcome.Unavailable, 503, "unavailable")]
    [InlineData(QueryOutcome.Expired, 504, "expired")]
    [InlineData(QueryOutcome.Invalid, 422, "invalid")]
    [InlineData(QueryOutcome.Failed, 500, "failed")]
    public async Task Infer_OutcomeOfTheEngine_HasOneStatus(QueryOutcome outcome, int status, string code)
    {
        await using var host = await ApiHost.StartAsync();
        TimeSpan? after = status is 429 or 503 ? TimeSpan.FromMilliseconds(2300) : null;
        host.Engine.Answer = (_, _) => ValueTask.FromResult(new QueryResult { Id = "1", Outcome = outcome, Error = "Because.", RetryAfter = after });
        using var response = await host.Client.PostJsonAsync(Traffic, TwoPixels);
        var error = await response.ErrorAsync(status, code);
        Assert.Equal("Because.", error.GetProperty("error").GetString());
        if (after is null)
            return;
        Assert.Equal(2300, error.GetProperty("retry_after_ms").GetInt64());
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 3, 4);
    }

    [Fact]
    public async Task Infer_EngineBreaks_Is500WithoutItsText()
    {
        await using var host = await ApiHost.StartAsync();
        host.Engine.Answer = (_, _) => throw new InvalidOperationException("secret detail");
        using var response = await host.Client.PostJsonAsync(Traffic, TwoPixels);
        var error = await response.ErrorAsync(500, "failed");
        Assert.DoesNotContain("secret", error.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_CallerLeaves_CancelsTheQuery()
    {
        await using var host = await ApiHost.StartAsync();
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        host.Engine.Answer = async (r, token) =>
        {
            started.SetResult();
            await using var _ = token.Register(cancelled.SetResult);
            await cancelled.Task;
            return new QueryResult { Id = "1", Outcome = QueryOutcome.Cancelled };
        };
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var call = host.Client.PostAsync(
            new Uri(Traffic, UriKind.Relative), new StringContent(TwoPixels, System.Text.Encoding.UTF8, "application/json"), leaves.Token);
        await started.Task;
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Infer_UnusableImages_AreRefused()
    {
        await using var host = await ApiHost.StartAsync(new InferLimits { MaxPixels = 100 });
        using var broken = await host.Client.PostBytesAsync(Traffic, [1, 2, 3], null, "image/png");
        await broken.ErrorAsync(400, "bad_request");
        using var wide = await host.Client.PostBytesAsync(Traffic, PictureCodec.EncodePng(RgbImage.Over(101, 1, new byte[303])), null, "image/png");
        await wide.ErrorAsync(413, "too_large");
        using var tensor = await host.Client.PostBinaryAsync(
            Traffic, """{"inputs":[{"name":"image","shape":[1,101,3],"datatype":"UINT8","parameters":{"binary_data_size":303}}]}""", new byte[303]);
        await tensor.ErrorAsync(413, "too_large");
        using var noImage = await host.Client.PostBytesAsync("/v2/models/plain/infer", PictureCodec.EncodePng(RgbImage.Over(1, 1, new byte[3])), null, "image/png");
        await noImage.ErrorAsync(415, "unsupported_media_type");
        using var raw = await host.Client.PostBytesAsync(Traffic, new byte[3], "0");
        await raw.ErrorAsync(400, "bad_request");
        using var batch = await host.Client.PostJsonAsync(
            Traffic, """{"inputs":[{"name":"image","shape":[1,2,1,1,3],"datatype":"UINT8","data":[1,2,3,4,5,6]}]}""");
        Assert.Contains("or the number of rows in front of that", (await batch.ErrorAsync(400, "bad_request")).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, PooledBytes.Rented);
    }
}

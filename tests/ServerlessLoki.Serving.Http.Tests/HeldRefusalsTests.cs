using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Http.Tests;

public sealed class HeldRefusalsTests
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Left = TimeSpan.FromMilliseconds(400);
    private readonly FakeTimeProvider _time = new();
    private readonly HeldRefusals _held;

    public HeldRefusalsTests() => _held = new HeldRefusals(_time);

    [Fact]
    public async Task Callers_ThatCameTooSoon_TwoOfFiveWaitUntilTheirDeadline()
    {
        var waits = Enumerable.Range(0, 100).Select(_ => _held.WaitAsync(Early, Left, null, CancellationToken.None)).ToList();

        Assert.Equal(40, waits.Count(w => !w.IsCompleted));
        _time.Advance(Left - TimeSpan.FromMilliseconds(1));
        Assert.Equal(40, waits.Count(w => !w.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await AllEndAsync(waits);
    }

    [Fact]
    public async Task Callers_WithMuchTime_WaitASecondAtMost()
    {
        var waits = Enumerable.Range(0, 100).Select(_ => _held.WaitAsync(Early, TimeSpan.FromMinutes(10), null, CancellationToken.None)).ToList();

        _time.Advance(HeldRefusals.Longest);
        await AllEndAsync(waits);
    }

    [Theory]
    [InlineData(0, 400)]
    [InlineData(-3, 400)]
    [InlineData(5000, 0)]
    public void Callers_ThatWaitedOrAreLateAnyway_AreAnsweredAtOnce(int earlyMs, int leftMs) =>
        Assert.All(
            Enumerable.Range(0, 100),
            _ => Assert.True(_held.WaitAsync(TimeSpan.FromMilliseconds(earlyMs), TimeSpan.FromMilliseconds(leftMs), null, CancellationToken.None).IsCompletedSuccessfully));

    [Fact]
    public async Task Caller_WithABodyThatNobodyRead_WaitsWithoutIt()
    {
        var pipe = new Pipe();
        var wait = _held.WaitAsync(Early, Left, pipe.Reader, CancellationToken.None);
        for (var i = 0; i < 10; i++)
            await pipe.Writer.WriteAsync(new byte[32 << 10]);
        await pipe.Writer.CompleteAsync();

        await WaitUntilAsync(() =>
        {
            _time.Advance(Left);
            return wait.IsCompleted;
        });
        Assert.True(wait.IsCompletedSuccessfully);
        // A writer whose bytes are not read waits at 64 KiB: all were.
        Assert.True((await pipe.Reader.ReadAsync()).Buffer.IsEmpty);
    }

    [Fact]
    public async Task Caller_WhoseBodyNeverEnds_IsAnsweredAtItsDeadlineAllTheSame()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[100]);
        var wait = _held.WaitAsync(Early, Left, pipe.Reader, CancellationToken.None);

        _time.Advance(Left - TimeSpan.FromMilliseconds(1));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
    }

    [Fact]
    public async Task Caller_WhoseBodyBreaks_IsStillRefused()
    {
        var pipe = new Pipe();
        var wait = _held.WaitAsync(Early, Left, pipe.Reader, CancellationToken.None);
        await pipe.Writer.CompleteAsync(new BadHttpRequestException("The upload is too slow."));

        await WaitUntilAsync(() =>
        {
            _time.Advance(Left);
            return wait.IsCompleted;
        });
        Assert.True(wait.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(100_000, 6)]
    // More than is read only to be dropped.
    [InlineData(2_000_000, 10)]
    public async Task Endpoint_VariantRefusedByItsHeaders_HoldsWhatItMayRead(int bytes, int atOnce)
    {
        await using var host = await ApiHost.StartAsync(time: _time, retries: new Told { Left = TimeSpan.FromSeconds(5) });
        host.Engine.Early = static _ => new VariantResult(QueryOutcome.Rejected, "The box is full.", []) { RetryAfter = TimeSpan.FromSeconds(7) };
        var asked = Enumerable.Range(0, 10).Select(_ =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/echo-FP32/infer") { Content = new ByteArrayContent(new byte[bytes]) };
            request.Headers.TryAddWithoutValidation("x-deadline-ms", "60000");
            return host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }).ToList();

        await WaitUntilAsync(() => asked.Count(a => a.IsCompleted) >= atOnce);
        Assert.Equal(atOnce, asked.Count(a => a.IsCompleted));
        await WaitUntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return asked.TrueForAll(a => a.IsCompleted);
        });
        foreach (var answer in await Task.WhenAll(asked))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Callers_AreBoundedInNumber()
    {
        var waits = Enumerable.Range(0, 10_000).Select(_ => _held.WaitAsync(Early, Left, null, CancellationToken.None)).ToList();

        Assert.Equal(HeldRefusals.Most, waits.Count(w => !w.IsCompleted));
        _time.Advance(Left);
        await AllEndAsync(waits);
        // All places are free again.
        Assert.Equal(2, Enumerable.Range(0, 5).Select(_ => _held.WaitAsync(Early, Left, null, CancellationToken.None)).Count(w => !w.IsCompleted));
    }

    [Fact]
    public async Task Caller_ThatIsGone_EndsItsWait()
    {
        using var gone = new CancellationTokenSource();
        var waits = Enumerable.Range(0, 5).Select(_ => _held.WaitAsync(Early, Left, null, gone.Token)).ToList();
        Assert.Contains(waits, w => !w.IsCompleted);

        await gone.CancelAsync();
        await Task.WhenAll(waits);
    }

    [Fact]
    public async Task Endpoint_CallerThatDoesNotWait_IsKeptBackButRefusedAllTheSame()
    {
        await using var host = await ApiHost.StartAsync(time: _time, retries: new Told { Left = TimeSpan.FromSeconds(5) });
        host.Engine.Answer = static (_, _) => ValueTask.FromResult(new QueryResult
        {
            Id = "q", Outcome = QueryOutcome.Rejected, Error = "The box is full.", RetryAfter = TimeSpan.FromSeconds(7),
        });
        var asked = Enumerable.Range(0, 10).Select(_ => host.Client.PostJsonAsync("/v2/models/plain/infer", PlainBody)).ToList();

        await WaitUntilAsync(() => asked.Count(a => a.IsCompleted) == 6);
        Assert.Equal(6, asked.Count(a => a.IsCompleted));
        await WaitUntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return asked.TrueForAll(a => a.IsCompleted);
        });
        foreach (var answer in await Task.WhenAll(asked))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            answer.Dispose();
        }
    }

    private const string PlainBody = """{"parameters":{"latency_ms":60000},"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}]}""";

    // A clock that is moved starts what waits for it; that ends on threads of the pool, a moment later.
    private static Task AllEndAsync(IEnumerable<Task> waits) => Task.WhenAll(waits).WaitAsync(TimeSpan.FromSeconds(60));

    private static async Task WaitUntilAsync(Func<bool> holds)
    {
        var since = Stopwatch.StartNew();
        while (!holds() && since.Elapsed < TimeSpan.FromSeconds(60))
            await Task.Delay(10);
    }

    private sealed class Told : IRetryTimes
    {
        public TimeSpan Left { get; set; }

        public void ComeBackIn(TimeSpan wait)
        {
        }
    }
}

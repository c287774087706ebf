using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

public sealed class DoorTests
{
    [Fact]
    public async Task RefuseEarly_WorkWaits_RefusesWhatCannotFitAndCountsIt()
    {
        using var gate = new ManualResetEventSlim();
        await using var engine = await TestEngine.StartAsync(
            largeMs: 50, options: o => o with { Parallelism = 1 }, models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => gate.Wait(TestContext.Current.CancellationToken) });
        try
        {
            Assert.Null(engine.Engine.Find("p")!.RefuseEarly(TimeSpan.FromMilliseconds(100), TimeSpan.Zero));
            // 2,000 rows of 50 ms are 100 s of work, due within a minute.
            using var caller = new CancellationTokenSource();
            var waiting = engine.Engine.InferAsync(
                new VariantRequest { Variant = "look-l", Rows = 2_000, Inputs = [new byte[2_000 * sizeof(float)]], Latency = TimeSpan.FromMinutes(1) }, caller.Token).AsTask();
            var refusal = engine.Engine.Find("p")!.RefuseEarly(TimeSpan.FromSeconds(80), TimeSpan.Zero);
            Assert.NotNull(refusal);
            Assert.Equal(QueryOutcome.Rejected, refusal.Outcome);
            Assert.Contains("of work wait before this query", refusal.Error, StringComparison.Ordinal);
            Assert.True(refusal.RetryAfter > TimeSpan.Zero);
            Assert.Equal(1, engine.Engine.Metrics.DoorUs.Count);
            Assert.True(engine.Engine.Metrics.Pipelines[0].Count(QueryOutcome.Rejected) >= 1);
            // The end of the queue is kept for those that wait as they are told.
            var latency = refusal.RetryAfter!.Value / 0.885;
            Assert.Null(engine.Engine.Find("p")!.RefuseEarly(latency, TimeSpan.Zero));
            Assert.Equal(QueryOutcome.Rejected, engine.Engine.Find("p")!.RefuseEarly(latency, TimeSpan.Zero, isTooSoon: true)!.Outcome);
            // One that has time may come in, and an impossible wish is judged by what it says.
            Assert.Null(engine.Engine.Find("p")!.RefuseEarly(TimeSpan.FromMinutes(10), TimeSpan.Zero));
            Assert.Null(engine.Engine.Find("p")!.RefuseEarly(TimeSpan.FromMicroseconds(1), TimeSpan.Zero));
            Assert.Null(engine.Engine.Find("nobody"));
            await caller.CancelAsync();
            Assert.Equal(QueryOutcome.Cancelled, (await waiting).Outcome);
        }
        finally
        {
            gate.Set();
        }
    }

    /// <summary>A host that cannot keep up with its sockets: nobody was admitted, so nobody is late, and there is a time to come back.</summary>
    [Fact]
    public async Task RefuseEarly_WaitedUnseenForTooLong_IsRefusedAndNotLate()
    {
        await using var engine = await TestEngine.StartAsync(models: new FakeModels { Rows = (_, _) => [] });
        var refusal = engine.Engine.Find("p")!.RefuseEarly(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        Assert.Equal(QueryOutcome.Rejected, refusal!.Outcome);
        Assert.Contains("waited 10000 ms before it could be looked at", refusal.Error, StringComparison.Ordinal);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11));
    }

    [Theory]
    [InlineData(true, QueryOutcome.Rejected)]
    [InlineData(false, QueryOutcome.Expired)]
    public async Task Submit_OlderThanTheSlo_IsTheHostsFaultWhereTheHeadersWaited(bool headersWaited, QueryOutcome expected)
    {
        await using var engine = await TestEngine.StartAsync(models: new FakeModels { Rows = (_, _) => [] });
        var age = TimeSpan.FromMinutes(1);
        var result = await engine.Engine.SubmitAsync(
            new QueryRequest { Pipeline = "p", Input = new FakeInput(), Age = age, AgeAtHeaders = headersWaited ? age : TimeSpan.Zero }, CancellationToken.None);
        Assert.Equal(expected, result.Outcome);
        Assert.Equal(headersWaited, result.RetryAfter is not null);
    }

    [Fact]
    public async Task RefuseInferEarly_WorkWaits_RefusesWhatCannotFit()
    {
        using var gate = new ManualResetEventSlim();
        await using var engine = await TestEngine.StartAsync(
            largeMs: 50, options: o => o with { Parallelism = 1 }, models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => gate.Wait(TestContext.Current.CancellationToken) });
        Assert.Null(engine.Engine.RefuseInferEarly("look-l", TimeSpan.FromSeconds(1), TimeSpan.Zero));
        // 2,000 rows of 50 ms are 100 s of work, due within a minute.
        using var caller = new CancellationTokenSource();
        var waiting = engine.Engine.InferAsync(
            new VariantRequest { Variant = "look-l", Rows = 2_000, Inputs = [new byte[2_000 * sizeof(float)]], Latency = TimeSpan.FromMinutes(1) }, caller.Token).AsTask();
        var refusal = engine.Engine.RefuseInferEarly("look-l", TimeSpan.FromSeconds(80), TimeSpan.Zero);
        Assert.Equal(QueryOutcome.Rejected, refusal!.Outcome);
        Assert.Contains("of work wait before this query", refusal.Error, StringComparison.Ordinal);
        Assert.True(refusal.RetryAfter > TimeSpan.FromSeconds(60));
        var late = engine.Engine.RefuseInferEarly("look-l", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        Assert.Equal((QueryOutcome.Expired, "The deadline passed before the request had arrived."), (late!.Outcome, late.Error));
        Assert.Null(engine.Engine.RefuseInferEarly("look-l", TimeSpan.FromMinutes(10), TimeSpan.Zero));
        Assert.Null(engine.Engine.RefuseInferEarly("nobody", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        await caller.CancelAsync();
        Assert.Equal(QueryOutcome.Cancelled, (await waiting).Outcome);
        gate.Set();
    }

    [Fact]
    public void Watch_Decoding_IsLoadAndTimeBeforeTheRoot()
    {
        var metrics = new ServingMetrics([]);
        var watch = new DoorWatch(metrics, sloUs: 400_000, threads: 2);
        for (var second = 1; second <= 20; second++)
        {
            for (var i = 0; i < 50; i++)
            {
                metrics.DecodeUs.Record(10_000);
                metrics.DoorUs.Record(30_000);
            }

            watch.Look(second * 1_000_000);
        }

        // Half a second of two; 40 ms of 400.
        Assert.Equal(0.25, watch.Load, 0.001);
        Assert.Equal(0.1, watch.SloShare, 0.001);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Submit_RequestOverAWire_GoesOnOnTheAnswerThread(bool overAWire)
    {
        using var gate = new ManualResetEventSlim();
        await using var engine = await TestEngine.StartAsync(
            models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => gate.Wait(TestContext.Current.CancellationToken) });
        var name = NameAfterAsync();
        // By now the answer is waited for.
        gate.Set();
        Assert.Equal(overAWire, await name == "answers");

        async Task<string?> NameAfterAsync()
        {
            var request = new QueryRequest { Pipeline = "p", Input = new FakeInput(), Age = overAWire ? TimeSpan.Zero : null, Latency = TimeSpan.FromMinutes(1) };
            await engine.Engine.SubmitAsync(request, CancellationToken.None).ConfigureAwait(false);
            var reached = Thread.CurrentThread.Name;
            await Task.Yield();
            return reached;
        }
    }
}

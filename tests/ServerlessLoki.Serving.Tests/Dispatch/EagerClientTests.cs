using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Clients that each wait for their answer and ask again at once.</summary>
public sealed class EagerClientTests
{
    private const string OneVariant = """
        { "name": "p", "sloMs": 60000, "input": { "name": "x", "datatype": "FP32", "shape": [1] },
          "tasks": [ { "name": "t", "output": { "kind": "tensor" }, "variants": [ { "name": "v-l", "model": "a", "accuracy": 0.9 } ] } ], "edges": [] }
        """;

    [Theory(Timeout = 120_000)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public async Task Submit_ClosedLoop_NobodyIsRefusedWhileTheQueueFits(int clients)
    {
        // 20 ms a query by the profile: far more is asked for than a plan can serve, and 64 of them are due in a minute.
        await using var test = await TestEngine.StartAsync(
            largeMs: 20, slots: 2, models: new FakeModels { Time = (_, _) => TimeSpan.FromMilliseconds(1) }, pipeline: OneVariant,
            options: o => o with { ControlPeriod = TimeSpan.FromMilliseconds(100), MaxBatch = 1 });
        var ticks = 0;
        test.Engine.Ticked += _ => Interlocked.Increment(ref ticks);
        var cancellation = TestContext.Current.CancellationToken;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(
            async () =>
            {
                var results = new List<QueryResult>();
                for (var i = 0; i < 300 / clients || Volatile.Read(ref ticks) < 3; i++)
                    results.Add(await test.SubmitAsync());
                return results;
            },
            cancellation)));

        Assert.All(outcomes.SelectMany(o => o), r => Assert.Equal((QueryOutcome.Completed, null), (r.Outcome, r.Error)));
    }

    [Fact(Timeout = 120_000)]
    public async Task Submit_ManyRuns_AreNoDemandAndLeaveTheOthersTheirAccuracy()
    {
        using var go = new ManualResetEventSlim();
        await using var test = await TestEngine.StartAsync(
            largeMs: 20, models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => go.Wait(TimeSpan.FromSeconds(60)) },
            options: o => o with { MaxBatch = 1, ControlPeriod = TimeSpan.FromMilliseconds(100) });
        var runs = Enumerable.Range(0, 2_500).Select(_ => test.Engine.SubmitAsync(
            new QueryRequest { Pipeline = "p", Input = new FakeInput(), IgnoreSlo = true }, TestContext.Current.CancellationToken).AsTask()).ToArray();
        var ticks = new List<ControlTick>();
        test.Engine.Ticked += tick => ticks.Add(tick);
        await TestEngine.UntilAsync(() => ticks.Count > 2);

        Assert.All(ticks.ToList(), t => Assert.Equal(0, t.Pipelines[0].DemandQps));
        Assert.Equal(2_500, test.Engine.Metrics.Pipelines[0].Arrivals);
        var live = test.SubmitAsync().AsTask();
        Assert.False(live.IsCompletedSuccessfully && (await live).Outcome == QueryOutcome.Rejected);
        go.Set();
        Assert.All(await Task.WhenAll(runs), r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
    }

    [Fact]
    public async Task Submit_OneRequestOfManyRows_OthersAreStillTaken()
    {
        using var go = new ManualResetEventSlim();
        await using var test = await TestEngine.StartAsync(
            largeMs: 50, models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => go.Wait(TimeSpan.FromSeconds(60)) },
            options: o => o with { MaxBatch = 1, Standby = false, ControlPeriod = TimeSpan.FromHours(1) });
        // 580 rows of 50 ms are 14 s on two threads, and the SLO is one.
        var direct = test.Engine.InferAsync(new VariantRequest { Variant = "car-l", Rows = 580, Inputs = [new byte[580 * sizeof(float)]] }, TestContext.Current.CancellationToken).AsTask();
        var live = test.SubmitAsync().AsTask();
        Assert.False(live.IsCompletedSuccessfully && (await live).Outcome == QueryOutcome.Rejected);
        go.Set();
        using var result = await direct;
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.NotEqual(QueryOutcome.Rejected, (await live).Outcome);
    }
}

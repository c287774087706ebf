using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

public class DispatcherTests
{
    internal static readonly OutputRow Car = new(0, 0.9f, 0.1f, 0.1f, 0.2f, 0.2f);
    internal static readonly OutputRow Man = new(1, 0.8f, 0.5f, 0.5f, 0.7f, 0.9f);

    [Fact]
    public async Task Submit_NothingDetected_CompletesWithTheRootAlone()
    {
        await using var test = await TestEngine.StartAsync(models: Finding());
        var result = await test.SubmitAsync();
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        var root = Assert.Single(result.Answers);
        Assert.Equal((0, -1, 0), (root.Task, root.Parent, root.Rows.Count));
        Assert.Equal(0.9, result.Accuracy, 6);
    }

    [Fact]
    public async Task Submit_SeveralDetections_JoinsEachChildToItsRow()
    {
        await using var test = await TestEngine.StartAsync(models: Finding(Car, Man, Car));
        var result = await test.SubmitAsync();
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.Equal([(0, -1), (1, 0), (1, 2), (2, 1)], result.Answers.Select(a => (a.Task, a.ParentRow)));
        Assert.All(result.Answers.Skip(1), a => Assert.Equal(0, a.Parent));
        Assert.Equal(0.9 * 0.8, result.Accuracy, 6);
    }

    [Fact]
    public async Task Submit_AnyEnd_GivesTheInputBackOnce()
    {
        var slow = Finding(Car);
        slow.Time = (id, _) => id.Task == 1 ? TimeSpan.FromMilliseconds(150) : TimeSpan.Zero;
        await using var test = await TestEngine.StartAsync(models: slow);
        var (completed, expired, cancelled) = (new FakeInput(), new FakeInput(), new FakeInput());
        using var leaving = new CancellationTokenSource();
        var ends = new[]
        {
            test.SubmitAsync(completed).AsTask(), test.SubmitAsync(expired, TimeSpan.FromMilliseconds(60)).AsTask(),
            test.SubmitAsync(cancelled, cancellationToken: leaving.Token).AsTask(),
        };
        await leaving.CancelAsync();
        var results = await Task.WhenAll(ends);
        Assert.Equal([QueryOutcome.Completed, QueryOutcome.Expired, QueryOutcome.Cancelled], results.Select(r => r.Outcome));
        await test.DisposeAsync();
        Assert.Equal([1, 1, 1], new[] { completed.Disposals, expired.Disposals, cancelled.Disposals });
    }

    [Fact]
    public async Task Submit_DeadlinePassesWhileABatchComputes_IsAnsweredBeforeTheBatchEnds()
    {
        using var ending = new ManualResetEventSlim();
        var models = Finding();
        models.OnRun = (_, _) => ending.Wait(TimeSpan.FromSeconds(20));
        await using var test = await TestEngine.StartAsync(models: models);
        var result = await test.SubmitAsync(latency: TimeSpan.FromMilliseconds(80));
        Assert.Equal(QueryOutcome.Expired, result.Outcome);
        Assert.False(ending.IsSet);
        ending.Set();
    }

    [Fact]
    public async Task Submit_LatencyBelowTheFastestPath_SaysWhatIsPossible()
    {
        await using var test = await TestEngine.StartAsync();
        var result = await test.SubmitAsync(latency: TimeSpan.FromMilliseconds(1));
        Assert.Equal(QueryOutcome.Invalid, result.Outcome);
        Assert.Contains("latency_ms is 1, but the fastest path needs", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, 0, "100 ms are left, but the fastest path needs 200 ms at present")]
    [InlineData(300, 290, "10 ms are left")]
    public async Task Submit_TooLateOnlyNow_IsExpiredAndNotInvalid(double latencyMs, double waitedMs, string error)
    {
        await using var test = await TestEngine.StartAsync(largeMs: 100, options: o => o with { Standby = false });
        var result = await test.Engine.SubmitAsync(
            new QueryRequest
            {
                Pipeline = "p", Input = new FakeInput(), Latency = TimeSpan.FromMilliseconds(latencyMs), Waited = TimeSpan.FromMilliseconds(waitedMs),
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(QueryOutcome.Expired, result.Outcome);
        Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_AccuracyAboveTheBestPath_SaysWhatIsPossible()
    {
        await using var test = await TestEngine.StartAsync();
        var result = await test.SubmitAsync(minAccuracy: 0.9);
        Assert.Equal(QueryOutcome.Invalid, result.Outcome);
        Assert.Contains("every branch reaches 0.72", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_FarAboveCapacity_RejectsWithWhenToComeBackAndExpiresFew()
    {
        var models = Finding();
        models.Time = (_, batch) => TimeSpan.FromMilliseconds(50 * batch);
        await using var test = await TestEngine.StartAsync(largeMs: 50, models: models);
        var results = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => test.SubmitAsync().AsTask()));
        var rejected = results.Where(r => r.Outcome == QueryOutcome.Rejected).ToList();
        Assert.NotEmpty(rejected);
        Assert.All(rejected, r => Assert.True(r.RetryAfter > TimeSpan.Zero));
        Assert.Contains(results, r => r.Outcome == QueryOutcome.Completed);
    }

    [Fact]
    public async Task Submit_PlanBecomesTooInaccurateOnTheWay_IsUnavailableAndSaysWhatIsPossible()
    {
        using var go = new ManualResetEventSlim();
        var models = Finding(Car);
        models.OnRun = (id, _) =>
        {
            if (id.Task == 0)
                go.Wait(TimeSpan.FromSeconds(20));
        };
        await using var test = await TestEngine.StartAsync(models: models);
        var plan = test.Engine.Plan!;
        var query = test.SubmitAsync(minAccuracy: 0.7).AsTask();
        await test.Engine.ForcePlanAsync(
            plan with { Slots = [.. plan.Slots.Select(s => s with { Variant = 1 })] }, TestContext.Current.CancellationToken);
        go.Set();
        var result = await query;
        Assert.Equal(QueryOutcome.Unavailable, result.Outcome);
        Assert.Contains("min_accuracy is 0.7, but under the present load the plan answers with at most 0.45", result.Error, StringComparison.Ordinal);
        Assert.True(result.RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public async Task Submit_RetriesOfARun_AreNoNewDemandAndNotLost()
    {
        using var go = new ManualResetEventSlim();
        await using var test = await TestEngine.StartAsync(
            models: new FakeModels { OnRun = (_, _) => go.Wait(TimeSpan.FromSeconds(60)) }, options: o => o with { MaxPending = 1 });
        var first = test.SubmitAsync(latency: TimeSpan.FromMinutes(1)).AsTask();
        foreach (var retry in (bool[])[false, true, true])
        {
            var result = await test.Engine.SubmitAsync(
                new QueryRequest { Pipeline = "p", Input = new FakeInput(), IgnoreSlo = true, IsRetry = retry }, TestContext.Current.CancellationToken);
            Assert.Equal(QueryOutcome.Rejected, result.Outcome);
        }

        var metrics = test.Engine.Metrics.Pipelines[0];
        Assert.Equal((2, 0), (metrics.Arrivals, metrics.Count(QueryOutcome.Rejected)));
        go.Set();
        Assert.Equal(QueryOutcome.Completed, (await first).Outcome);
    }

    [Fact]
    public async Task Submit_Rerouted_CountsTheWaitBeforeToo()
    {
        using var go = new ManualResetEventSlim();
        var models = Finding();
        models.OnRun = (id, _) =>
        {
            if (id is { Task: 0, Variant: 0 })
                go.Wait(TimeSpan.FromSeconds(20));
        };
        await using var test = await TestEngine.StartAsync(largeMs: 100, models: models, options: o => o with { Parallelism = 1 });
        var first = test.SubmitAsync().AsTask();
        var waiting = test.SubmitAsync().AsTask();
        await Task.Delay(650, TestContext.Current.CancellationToken);
        go.Set();
        var rerouted = await waiting;
        Assert.Equal(QueryOutcome.Completed, rerouted.Outcome);
        Assert.Equal(1, rerouted.Answers[0].Variant);
        Assert.InRange(rerouted.Queued, TimeSpan.FromMilliseconds(500), rerouted.Latency);
        await first;
    }

    [Fact]
    public async Task Submit_QueueRefuses_FailsThatQueryAndGivesItsInputBack()
    {
        var queues = new RefusingQueues();
        await using var test = await TestEngine.StartAsync(models: Finding(Car), queues: queues);
        queues.Refuse = key => key.Task == "car";
        var input = new FakeInput();
        var result = await test.SubmitAsync(input);
        Assert.Equal(QueryOutcome.Failed, result.Outcome);
        await test.DisposeAsync();
        Assert.Equal(1, input.Disposals);
    }

    [Fact]
    public async Task Submit_VariantLeftWhileItWasChosen_GoesToAnother()
    {
        var queues = new RefusingQueues();
        await using var test = await TestEngine.StartAsync(models: Finding(Car), queues: queues);
        queues.IsUnserved = key => key.Variant is "look-l" or "car-l";

        var result = await test.SubmitAsync();

        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.All(result.Answers, a => Assert.Equal(1, a.Variant));
    }

    [Fact]
    public async Task Submit_EveryVariantLeft_IsUnavailableAndGivesItsInputBack()
    {
        var queues = new RefusingQueues();
        await using var test = await TestEngine.StartAsync(models: Finding(Car), queues: queues);
        queues.IsUnserved = key => key.Task == "car";
        var input = new FakeInput();

        var result = await test.SubmitAsync(input);

        Assert.Equal(QueryOutcome.Unavailable, result.Outcome);
        await test.DisposeAsync();
        Assert.Equal(1, input.Disposals);
    }

    internal static FakeModels Finding(params OutputRow[] found)
    {
        var models = new FakeModels();
        models.Rows = (id, _) => id.Task == 0 ? found : [new OutputRow(1, 0.7f, 0, 0, 0, 0)];
        return models;
    }
}

using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

public class SlotManagerTests
{
    [Fact]
    public async Task Apply_FlippingUnderLoad_LosesNoQueryAndLeaksNoModel()
    {
        var models = new FakeModels();
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { IdleModelBytes = 0 });
        var plan = test.Engine.Plan!;
        var flipped = plan with { Slots = [.. plan.Slots.Select(s => s with { Variant = 1 })] };
        var between = new List<QueryResult>();
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            var results = new List<QueryResult>();
            while (!stop.IsCancellationRequested)
                results.AddRange(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => test.SubmitAsync().AsTask())));
            return results;
        });
        for (var i = 0; i < 60; i++)
        {
            await test.Engine.ForcePlanAsync(i % 2 == 0 ? flipped : plan, TestContext.Current.CancellationToken);
            between.Add(await test.SubmitAsync());
        }

        await stop.CancelAsync();
        List<QueryResult> ended = [.. await load, .. between];
        Assert.All(ended, r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
        Assert.Contains(ended, r => r.Answers[0].Variant == 0);
        Assert.Contains(ended, r => r.Answers[0].Variant == 1);
        await test.DisposeAsync();
        Assert.Equal(0, models.OpenModels);
    }

    [Fact]
    public async Task Apply_LoadsTakeTime_TheNextPlanKnowsHowLong()
    {
        await using var test = await TestEngine.StartAsync(models: new FakeModels { OnRunner = _ => Thread.Sleep(30) });

        await test.Engine.UsePolicyAsync(Planning.PlanningPolicies.HardwareOnly, TestContext.Current.CancellationToken);

        Assert.True(test.Engine.Problem!.LoadTime >= TimeSpan.FromMilliseconds(30), $"{test.Engine.Problem.LoadTime}");
    }

    [Fact]
    public async Task Apply_VariantCannotBeLoaded_KeepsThePlanInForceAndSaysWhy()
    {
        var models = new FakeModels();
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false });
        models.Broken.Add(new VariantId(0, 0, 1));
        var plan = test.Engine.Plan!;
        await test.Engine.ForcePlanAsync(
            plan with { Slots = [.. plan.Slots.Select(s => s with { Variant = 1 })] }, TestContext.Current.CancellationToken);
        Assert.Equal(plan.Version, test.Engine.Plan!.Version);
        Assert.Contains("The plan in force stays", test.Engine.Status().LastFault, StringComparison.Ordinal);
        Assert.Equal(QueryOutcome.Completed, (await test.SubmitAsync()).Outcome);
    }

    [Fact]
    public async Task ForcePlan_MachineFourTimesSlower_ExpectedTimesFollow()
    {
        // Profiled: 20 ms for the whole way. Batches take 40 ms, so after a while 30 ms are known to be too few.
        var models = new FakeModels { Time = (_, _) => TimeSpan.FromMilliseconds(40) };
        await using var test = await TestEngine.StartAsync(
            models: models, options: o => o with { Standby = false, ControlPeriod = TimeSpan.FromMilliseconds(100) });
        await test.Engine.ForcePlanAsync(
            test.Engine.Plan! with { Slots = [.. test.Engine.Plan!.Slots.Select(s => s with { Variant = 0 })] }, TestContext.Current.CancellationToken);

        string? error = null;
        for (var i = 0; i < 100 && error?.Contains("at present", StringComparison.Ordinal) != true; i++)
        {
            await test.SubmitAsync();
            error = (await test.SubmitAsync(latency: TimeSpan.FromMilliseconds(30))).Error;
        }

        Assert.Contains("at present", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InjectFault_EverySlotOnce_QueriesAreStillAnswered()
    {
        await using var test = await TestEngine.StartAsync();
        foreach (var slot in test.Engine.Status().Slots.Where(s => s.Variant is not null))
            Assert.True(test.Engine.InjectSlotFault(slot.Id));
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => test.SubmitAsync().AsTask()));
        Assert.All(results, r => Assert.True(
            r.Outcome == QueryOutcome.Completed || (r.Outcome == QueryOutcome.Failed && r.Error!.Contains("failed twice", StringComparison.Ordinal)), r.ToString()));
        Assert.Equal(QueryOutcome.Completed, (await test.SubmitAsync()).Outcome);
    }

    [Fact(Timeout = 60_000)]
    public async Task InjectFault_BackupsStayedFromThePlanBefore_TheSlotStillRunsItsVariantFirst()
    {
        // The plan's own variant is slow, so the fast one waits beside it; then the plan wants the fast one on a slot.
        var models = new FakeModels { Rows = (_, _) => [] };
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { ControlPeriod = TimeSpan.FromMilliseconds(100) });
        await ForceAsync(test, variant: 0);
        await ForceAsync(test, variant: 1);
        var slot = test.Engine.Status().Slots.Single(s => s.Variant == "look-s").Id;
        bool IsUp() => test.Engine.Status().Slots.Single(s => s.Id == slot).State == "idle";

        // The backup that takes over stays busy until the slot is back, so it is the last of both to become idle.
        models.OnRun = (_, _) => SpinWait.SpinUntil(IsUp);
        for (var lost = 1; lost <= 3; lost++)
        {
            Assert.True(test.Engine.InjectSlotFault(slot));
            Assert.Equal(QueryOutcome.Completed, (await test.SubmitAsync()).Outcome);
            Assert.Equal(lost, test.Engine.Metrics.Variants[0][0][1].Failures);
        }
    }

    private static Task ForceAsync(TestEngine test, int variant) => test.Engine.ForcePlanAsync(
        test.Engine.Plan! with { Slots = [.. test.Engine.Plan!.Slots.DistinctBy(s => s.Task).Select(s => s with { Variant = variant, Replicas = 1 })] },
        TestContext.Current.CancellationToken);

    [Fact]
    public async Task Apply_SecondVariantCannotBeLoadedAndAnotherPlaceIsTaken_NamesItAndFreesTheFirst()
    {
        var models = new FakeModels();
        var state = new MemoryState();
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false, IdleModelBytes = 0 }, state: state);
        var plan = test.Engine.Plan!;
        models.Broken.Add(new VariantId(0, 1, 1));
        state.Taken.Add("cpu/0");
        var open = models.OpenModels;
        await test.Engine.ForcePlanAsync(
            plan with { Slots = [.. plan.Slots.Select(s => s with { Variant = 1 })] }, TestContext.Current.CancellationToken);
        Assert.StartsWith("Variant car-s could not be loaded", test.Engine.Status().LastFault, StringComparison.Ordinal);
        Assert.Equal(open, models.OpenModels);
    }

    [Fact]
    public async Task Apply_CancelledWhileLoading_FreesWhatWasLoaded()
    {
        var models = new FakeModels();
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false, IdleModelBytes = 0 });
        var plan = test.Engine.Plan!;
        var open = models.OpenModels;
        using var cancel = new CancellationTokenSource();
        models.OnLoad = id =>
        {
            if (id.Task == 1)
                cancel.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Engine.ForcePlanAsync(
            plan with { Slots = [.. plan.Slots.Select(s => s with { Variant = 1 })] }, cancel.Token));
        await TestEngine.UntilAsync(() => models.OpenModels == open);
    }

    [Fact]
    public async Task Fault_InADirectVariant_IsMended()
    {
        var broken = new HashSet<VariantId>();
        var loads = 0;
        var direct = new VariantId(0, 1, 1);
        var models = new FakeModels
        {
            OnRun = (id, _) =>
            {
                lock (broken)
                {
                    if (broken.Remove(id))
                        throw new InvalidOperationException("a bad moment");
                }
            },
            OnRunner = id => Interlocked.Add(ref loads, id == direct ? 1 : 0),
        };
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false });
        var request = new VariantRequest { Variant = "car-s", Rows = 1, Inputs = [new byte[4]] };
        (await test.Engine.InferAsync(request, TestContext.Current.CancellationToken)).Dispose();
        var before = Volatile.Read(ref loads);
        lock (broken)
            broken.Add(direct);
        using var mended = await test.Engine.InferAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(QueryOutcome.Completed, mended.Outcome);
        await TestEngine.UntilAsync(() => Volatile.Read(ref loads) > before);
    }

    [Fact(Timeout = 60_000)]
    public async Task Fault_OfAVariantThatCannotBeLoadedAgain_KeepsNoQueryWaitingAndIsPlannedAround()
    {
        var isGone = false;
        var gone = new VariantId(0, 1, 0);
        void Die(VariantId id)
        {
            if (id == gone && Volatile.Read(ref isGone))
                throw new InvalidOperationException("out of memory");
        }

        var models = new FakeModels
        {
            Rows = (id, _) => [new OutputRow(0, 0.9f, 0, 0, 1, 1)],
            OnRun = (id, _) => Die(id),
            OnRunner = Die,
        };
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false });
        Assert.Contains(test.Engine.Plan!.Slots, s => s is { Task: 1, Variant: 0 });
        Volatile.Write(ref isGone, true);
        var results = new List<QueryResult>();
        while (test.Engine.Plan!.Slots.Any(s => s is { Task: 1, Variant: 0 }))
            results.AddRange(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => test.SubmitAsync().AsTask())));
        Assert.All(results, r => Assert.True(
            r.Outcome is QueryOutcome.Completed or QueryOutcome.Failed or QueryOutcome.Unavailable, $"{r.Outcome}: {r.Error}"));
        Assert.Contains(results, r => r.Error?.Contains("out of memory", StringComparison.Ordinal) == true);
        var after = await test.SubmitAsync();
        Assert.Equal((QueryOutcome.Completed, 1), (after.Outcome, after.Answers[1].Variant));
    }

    [Fact(Timeout = 60_000)]
    public async Task Fault_OfTheLastWorkerThatLeaves_LosesNoRow()
    {
        using var go = new ManualResetEventSlim();
        var (running, throws) = (0, 2);
        var leaving = new VariantId(0, 1, 0);
        var models = new FakeModels
        {
            OnRun = (id, _) =>
            {
                if (id != leaving)
                    return;
                // Only those that ran before the plan changed: a row that comes again to a mended worker must not fail twice.
                var run = Interlocked.Increment(ref running);
                go.Wait(TimeSpan.FromSeconds(30));
                if (run <= throws)
                    throw new InvalidOperationException("a bad moment");
            },
        };
        await using var test = await TestEngine.StartAsync(slots: 12, models: models, options: o => o with { Standby = false });
        var plan = test.Engine.Plan!;
        var request = new VariantRequest { Variant = "car-l", Rows = 100, Inputs = [new byte[400]] };
        var answering = test.Engine.InferAsync(request, TestContext.Current.CancellationToken).AsTask();
        var replicas = plan.Slots.Where(s => s is { Task: 1, Variant: 0 }).Sum(s => s.Replicas);
        await TestEngine.UntilAsync(() => Volatile.Read(ref running) == Math.Min(2, replicas));
        await test.Engine.ForcePlanAsync(
            plan with { Slots = [.. plan.Slots.Select(s => s with { Variant = 1 })] }, TestContext.Current.CancellationToken);
        throws = Math.Min(2, replicas);
        go.Set();
        using var answer = await answering;
        Assert.True(answer.Outcome == QueryOutcome.Completed, answer.Error);
    }

    [Fact]
    public async Task Apply_SmallThenLarge_KeepsTheSmallOnesAsStandbyThroughARefresh()
    {
        await using var test = await TestEngine.StartAsync(largeMs: 150);
        var (large, problem, none) = (test.Engine.Plan!, test.Engine.Problem!, TestContext.Current.CancellationToken);
        Assert.All(large.Slots, s => Assert.Equal(0, s.Variant));
        await test.Engine.Slots.ApplyAsync(large with { Slots = [.. large.Slots.Select(s => s with { Variant = 1 })] }, problem, false, none);
        await test.Engine.Slots.ApplyAsync(large, problem, true, none);
        await test.Engine.Slots.RefreshAsync(large, problem, true, none);

        // The large ones take 300 ms.
        var result = await test.SubmitAsync(latency: TimeSpan.FromMilliseconds(290));
        Assert.True(result.Outcome == QueryOutcome.Completed, result.Error);
    }

    [Fact]
    public async Task Fault_ThatIsOver_LeavesTheStatus()
    {
        await using var test = await TestEngine.StartAsync(options: o => o with { ControlPeriod = TimeSpan.FromMilliseconds(200) });
        var version = test.Engine.Plan!.Version;
        test.FleetFault = "nobody answers";
        await TestEngine.UntilAsync(() => test.Engine.Status().LastFault?.Contains("nobody answers", StringComparison.Ordinal) == true);
        test.FleetFault = null;
        await TestEngine.UntilAsync(() => test.Engine.Status().LastFault is null);
        Assert.Equal(version, test.Engine.Plan!.Version);
    }

    [Fact]
    public async Task Run_AlwaysThrowing_EndsEachQueryWithOneClearError()
    {
        var models = new FakeModels { OnRun = (_, _) => throw new InvalidOperationException("no memory") };
        await using var test = await TestEngine.StartAsync(models: models);
        var result = await test.SubmitAsync();
        Assert.Equal(QueryOutcome.Failed, result.Outcome);
        Assert.Contains("no memory", result.Error, StringComparison.Ordinal);
    }
}

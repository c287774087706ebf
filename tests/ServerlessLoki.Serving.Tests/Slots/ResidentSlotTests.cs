using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

/// <summary>Slots that hold a slow and a fast variant of each task: 10 and 1 ms for a row, 40 and 4 ms for four.</summary>
public sealed class ResidentSlotTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SlackFit_Started_SlotsHoldAllVariantsAndRunTheBest()
    {
        var models = new FakeModels();
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Policy = PlanningPolicies.SlackFit });

        var result = await test.SubmitAsync();

        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        Assert.Equal([0, 0], result.Answers.Select(a => a.Variant));
        Assert.Equal(0.72, result.Accuracy, 9);
        var slots = test.Engine.Status().Slots;
        Assert.All(slots, s => Assert.Equal(2, s.Held.Length));
        Assert.Contains(slots, s => s.Held.SequenceEqual(["look-l", "look-s"]));
        Assert.Equal(6, models.OpenModels);
        await test.DisposeAsync();
        Assert.Equal(0, models.OpenModels);
    }

    [Fact]
    public async Task Batch_QueryAsksForAccuracy_TheSlotRunsTheVariantThatHasIt()
    {
        await using var test = await TestEngine.StartAsync();
        await ForceAsync(test, [0, 1], ResidentRule.MaxBatch);

        // MaxBatch prefers four fast rows where a slow batch does not fit; what the query asks goes first.
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => test.SubmitAsync(minAccuracy: i % 2 == 0 ? 0.7 : null).AsTask()));

        Assert.All(results, r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
        Assert.All(results.Where((_, i) => i % 2 == 0), r => Assert.Equal(0.72, r.Accuracy, 9));
    }

    [Fact]
    public async Task Apply_SetGrowsAndShrinks_ModelsAreLoadedAndLetGo()
    {
        var loaded = new ConcurrentBag<VariantId>();
        var models = new FakeModels { OnLoad = loaded.Add };
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false, IdleModelBytes = 0 });
        await ForceAsync(test, [1], ResidentRule.SlackFit);
        await TestEngine.UntilAsync(() => models.OpenModels == 3);
        loaded.Clear();

        await ForceAsync(test, [0, 1], ResidentRule.SlackFit);

        Assert.Equal([0, 0, 0], loaded.Select(v => v.Variant));
        Assert.Equal(6, models.OpenModels);
        await ForceAsync(test, [1], ResidentRule.SlackFit);
        await TestEngine.UntilAsync(() => models.OpenModels == 3);
        Assert.All(test.Engine.Status().Slots, s => Assert.Empty(s.Held));
        Assert.Equal(QueryOutcome.Completed, (await test.SubmitAsync()).Outcome);
    }

    [Fact]
    public async Task Apply_VariantBesideCannotBeLoaded_TheFaultNamesItAndThePlanStays()
    {
        var models = new FakeModels();
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { Standby = false, IdleModelBytes = 0 });
        await ForceAsync(test, [1], ResidentRule.SlackFit);
        await TestEngine.UntilAsync(() => models.OpenModels == 3);
        var version = test.Engine.Plan!.Version;
        models.Broken.Add(new VariantId(0, 1, 0));

        await ForceAsync(test, [0, 1], ResidentRule.SlackFit);

        Assert.Equal(version, test.Engine.Plan!.Version);
        Assert.Contains("car-l", test.Engine.Status().LastFault, StringComparison.Ordinal);
        Assert.Equal(QueryOutcome.Completed, (await test.SubmitAsync()).Outcome);
    }

    [Fact]
    public async Task Slot_FailsWhileItHoldsSeveral_TheNewWorkerHoldsThemToo()
    {
        var runners = new ConcurrentBag<VariantId>();
        await using var test = await TestEngine.StartAsync(models: new FakeModels { OnRunner = runners.Add }, options: o => o with { Policy = PlanningPolicies.SlackFit });
        var before = runners.Count;
        foreach (var slot in test.Engine.Status().Slots.Where(s => s.Held.Contains("look-l")))
            Assert.True(test.Engine.InjectSlotFault(slot.Id));

        while (runners.Count < before + 2)
            await test.SubmitAsync(cancellationToken: Token);

        Assert.Equal(2, runners.Distinct().Count(v => v.Task == 0));
        await TestEngine.UntilAsync(() => test.Engine.Status().Slots.Where(s => s.Variant == "look-s").All(s => s is { Fault: null, Held.Length: 2 }));
        Assert.Equal(QueryOutcome.Completed, (await test.SubmitAsync()).Outcome);
    }

    private static Task ForceAsync(TestEngine test, ImmutableArray<int> variants, ResidentRule rule)
    {
        var plan = test.Engine.Plan!;
        var tasks = test.Engine.Pipelines[0].Pipeline.Tasks;
        var groups = tasks.Select(t => new SlotGroup(0, t.Index, 1, 0, 4, 2, 2000, 100, 4000)
        {
            Resident = variants.Length == 1 ? null : new ResidentSet(variants, rule, 4, 4, 500_000, 0.7),
        });
        return test.Engine.ForcePlanAsync(plan with { Slots = [.. groups], ProcessingUs = [1_000_000] }, Token);
    }
}

using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Tests.Workers;

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

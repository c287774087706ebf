using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

/// <summary>Variants that cannot do what a plan wants of them.</summary>
public sealed class UnfitVariantTests
{
    private static readonly VariantId Large = new(0, 0, 0);

    [Fact]
    public async Task Submit_VariantAnswersWithoutNumbers_PlansGoWithoutItForAWhile()
    {
        var isBroken = true;
        var models = new FakeModels { Rows = (id, _) => [new OutputRow(0, id == Large && isBroken ? float.NaN : 1, 0, 0, 1, 1)] };
        var time = new ShiftedTime();
        await using var test = await TestEngine.StartAsync(models: models, options: o => o with { ControlPeriod = TimeSpan.FromMilliseconds(100) }, time: time);
        Assert.Contains(test.Engine.Plan!.Slots, s => s is { Task: 0, Variant: 0 });

        QueryResult result;
        var failed = 0;
        while ((result = await test.SubmitAsync(latency: TimeSpan.FromSeconds(30))).Outcome == QueryOutcome.Failed)
        {
            Assert.Equal("Variant look-l answered with values that are not numbers (NaN or infinite).", result.Error);
            failed++;
        }

        Assert.Equal((QueryOutcome.Completed, 1), (result.Outcome, result.Answers[0].Variant));
        Assert.Equal(failed, test.Engine.Metrics.Variants[0][0][0].NonFiniteRows);
        await TestEngine.UntilAsync(() => !test.Engine.Plan!.Slots.Any(s => s is { Task: 0, Variant: 0 }));
        var status = test.Engine.Status().Pipelines[0].Tasks[0].Variants;
        Assert.Equal(("most of its recent answers were not numbers", null), (status[0].Fault, status[1].Fault));
        Assert.Equal((failed, 0), (status[0].NonFiniteRows, status[1].NonFiniteRows));
        Assert.Equal([Large], test.Engine.Slots.Unfit());
        Assert.Equal(status[0].Fault, test.Engine.FaultOf("look-l"));

        isBroken = false;
        time.Shift(TimeSpan.FromSeconds(31));
        Assert.Empty(test.Engine.Slots.Unfit());
        await test.Engine.ReplanAsync(TestContext.Current.CancellationToken);
        await TestEngine.UntilAsync(() => test.Engine.Plan!.Slots.Any(s => s is { Task: 0, Variant: 0 }));
    }

    [Fact]
    public async Task Start_ModelTakesOneRowOnly_NoPlanCountsOnMore()
    {
        var models = new FakeModels { Held = id => id.Task == 0 ? "its rows are mixed" : null };
        await using var test = await TestEngine.StartAsync(models: models);
        Assert.All(test.Engine.Plan!.Slots.Where(s => s.Task == 0), s => Assert.Equal(1, s.Batch));
        var results = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => test.SubmitAsync(latency: TimeSpan.FromSeconds(30)).AsTask()));
        Assert.All(results, r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
        Assert.All(test.Engine.Metrics.Variants[0][0].SelectMany(v => v.BatchStats), b => Assert.Equal(1, b.Rows));
        Assert.Equal("its rows are mixed", test.Engine.Status().Pipelines[0].Tasks[0].Variants[0].HeldBecause);
        Assert.Null(test.Engine.Status().Pipelines[0].Tasks[1].Variants[0].HeldBecause);
    }

    /// <summary>The machine's clock, moved on.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _ticks;

        public void Shift(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Interlocked.Read(ref _ticks);
    }
}

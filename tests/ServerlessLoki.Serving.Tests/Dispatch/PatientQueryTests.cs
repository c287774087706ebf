using ServerlessLoki.Serving.Control;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Queries that ask for more time than the SLO: they wait behind the others, and say nothing about how the plan does.</summary>
public sealed class PatientQueryTests
{
    [Fact]
    public async Task Submit_ManyPatientQueriesWait_OthersAreStillTaken()
    {
        using var go = new ManualResetEventSlim();
        // At most one row a batch: 200 rows of 50 ms on two threads are five seconds, and the SLO is one.
        await using var test = await TestEngine.StartAsync(
            largeMs: 50, models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => go.Wait(TimeSpan.FromSeconds(60)) },
            options: o => o with { MaxBatch = 1, Standby = false, ControlPeriod = TimeSpan.FromHours(1) });
        var patient = Enumerable.Range(0, 200).Select(_ => test.SubmitAsync(latency: TimeSpan.FromMinutes(10)).AsTask()).ToArray();
        var other = test.SubmitAsync().AsTask();
        var run = test.Engine.SubmitAsync(
            new QueryRequest { Pipeline = "p", Input = new FakeInput(), IgnoreSlo = true }, TestContext.Current.CancellationToken).AsTask();
        // Refused at the door, it would have ended at once.
        Assert.False(other.IsCompletedSuccessfully && (await other).Outcome == QueryOutcome.Rejected);
        go.Set();
        Assert.All(await Task.WhenAll(patient), r => Assert.Equal(QueryOutcome.Completed, r.Outcome));
        Assert.Equal(QueryOutcome.Completed, (await run).Outcome);
        Assert.NotEqual(QueryOutcome.Rejected, (await other).Outcome);
    }

    [Fact]
    public async Task Submit_ManyQueriesWithinTheSloWait_TheNextIsRefused()
    {
        using var go = new ManualResetEventSlim();
        await using var test = await TestEngine.StartAsync(
            largeMs: 50, models: new FakeModels { Rows = (_, _) => [], OnRun = (_, _) => go.Wait(TimeSpan.FromSeconds(60)) },
            options: o => o with { MaxBatch = 1, Standby = false, ControlPeriod = TimeSpan.FromHours(1) });
        var asked = Enumerable.Range(0, 200).Select(_ => test.SubmitAsync().AsTask()).ToArray();
        go.Set();
        Assert.Contains(await Task.WhenAll(asked), r => r.Outcome == QueryOutcome.Rejected);
    }

    [Fact]
    public void Fold_AnsweredBeyondTheSlo_IsNoSignOfStrainAndCountedApart()
    {
        var metrics = new ServingMetrics([TestPipelines.Traffic]).Pipelines[0];
        var watch = new PipelineWatch(metrics);
        metrics.Ended(QueryOutcome.Completed, new QueryTimes(2_000_000, 1_000_000, -1_900_000), 0.5);
        metrics.Ended(QueryOutcome.Completed, new QueryTimes(90_000, 2_910_000, 10_000), 0.5);

        var patient = watch.Fold(2, TimeSpan.FromSeconds(2), 0);

        Assert.Equal((1, 0.5), (patient.ServedQps, patient.BeyondSloQps));
        Assert.Equal((double.NaN, double.NaN), (patient.P50Ms, patient.P99Ms));

        // Within the SLO, with less time than that, and a run: the first two say how the plan does.
        metrics.Ended(QueryOutcome.Completed, new QueryTimes(40_000, 60_000, 60_000), 0.5);
        metrics.Ended(QueryOutcome.Completed, new QueryTimes(40_000, 10_000, 60_000), 0.5);
        metrics.Ended(QueryOutcome.Completed, new QueryTimes(5_000_000, 1_000_000, null), 0.5);

        var others = watch.Fold(5, TimeSpan.FromSeconds(1), 0);

        Assert.Equal((3, 0), (others.ServedQps, others.BeyondSloQps));
        Assert.InRange(others.P99Ms, 40, 45);
    }

    [Fact]
    public void Fold_PatientQueryLost_IsASignOfStrain()
    {
        var metrics = new ServingMetrics([TestPipelines.Traffic]).Pipelines[0];
        var watch = new PipelineWatch(metrics);
        metrics.Ended(QueryOutcome.Expired, new QueryTimes(3_000_000, 0, -2_900_000), 0);
        Assert.Equal(1, watch.Fold(1, TimeSpan.FromSeconds(1), 0).ExpiredQps);
        Assert.Equal(0, metrics.BeyondSlo);
    }
}

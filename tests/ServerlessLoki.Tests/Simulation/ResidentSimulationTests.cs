using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.SlackFit;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Slots that hold a large variant (accuracy 0.9; 30, 36, 48 ms for 1, 2, 4 rows) and a small one (0.8; 10, 12, 16 ms), worked out by hand. Four
/// buckets from 10 to 48 ms keep small × 4 (16 ms), large × 2 (36 ms) and large × 4 (48 ms).</summary>
public sealed class ResidentSimulationTests
{
    private static readonly SimulationOptions TakeAll = new() { Admission = AdmissionRule.All };

    [Fact]
    public void Run_QueueGrows_EachBatchRunsTheVariantThatItsHeadsSlackAllows()
    {
        var (result, queries) = Run(Cluster(slots: 1), 0, 5_000, 5_000, 5_000, 5_000, 10_000, 10_000, 10_000, 10_000, 20_000);

        // Slack 100: large × 1. At 30 ms slack 75: large × 4. At 78 ms slack 32: small × 4. At 94 ms slack 26: small × 1.
        Assert.Equal([30_000, 78_000, 78_000, 78_000, 78_000, 94_000, 94_000, 94_000, 94_000, 104_000], queries.Select(q => q.EndUs));
        Assert.All(queries, q => Assert.Equal(SimulatedOutcome.OnTime, q.Outcome));
        Assert.Equal([0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8], queries.Select(q => Math.Round(q.Accuracy, 12)));
        Assert.Equal([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], queries.Select(q => q.RootVariant));
        Assert.Equal(0.85, result.Total.EffectiveAccuracy, 12);
        Assert.Equal([new StageSample(0, 0, 0, 5, 2, 0), new StageSample(0, 0, 1, 5, 2, 0)], result.Stages);
        Assert.Equal(0, result.Swaps);
    }

    [Fact]
    public void Run_HeadCannotBeSaved_ItIsDroppedAndTheNextOneChooses()
    {
        // The slot is busy until 30 ms; the first of the queue is due at 35 ms, the second at 110 ms.
        ImmutableArray<Arrival> arrivals = [new(0), new(10_000, LatencyUs: 25_000), new(10_000)];

        var (_, queries) = Run(Cluster(slots: 1), new RecordedArrivals(arrivals));

        Assert.Equal(SimulatedOutcome.Expired, queries[1].Outcome);
        // Slack 80 ms: the large variant, in no need of haste.
        Assert.Equal((60_000, 0.9), (queries[2].EndUs, Math.Round(queries[2].Accuracy, 12)));
    }

    [Fact]
    public void Run_NothingIsDropped_LateHeadIsServedWithTheMostRows()
    {
        ImmutableArray<Arrival> arrivals = [new(0), new(10_000, LatencyUs: 25_000), new(10_000), new(10_000)];

        var (_, queries) = Run(Cluster(slots: 1), new RecordedArrivals(arrivals), TakeAll with { Drop = DropRule.Never });

        // Three rows of the small variant, between 12 and 16 ms.
        Assert.Equal([44_000, 44_000, 44_000], queries.Skip(1).Select(q => q.EndUs));
        Assert.Equal(SimulatedOutcome.Late, queries[1].Outcome);
    }

    [Fact]
    public void Run_QueryAsksForAccuracy_ItsBatchRunsAVariantThatHasIt()
    {
        // At 30 ms the slack is 32 ms: the small variant, but for what the second row asks. The large one takes no second row in that time.
        ImmutableArray<Arrival> arrivals = [new(0), new(10_000, LatencyUs: 52_000), new(10_000, LatencyUs: 53_000, MinAccuracy: 0.9)];

        var (_, queries) = Run(Cluster(slots: 1), new RecordedArrivals(arrivals));

        Assert.Equal((60_000, 0.9), (queries[1].EndUs, Math.Round(queries[1].Accuracy, 12)));
        // What is left for the other is 3 ms.
        Assert.Equal(SimulatedOutcome.Expired, queries[2].Outcome);
    }

    [Fact]
    public void Run_DevicesHoldDifferentSets_AQueryThatAsksWaitsForTheOneThatHasIt()
    {
        // "e" has the small variant alone, and looks first: it is as fast and comes first in the order.
        var cluster = Cluster(slots: 1);
        cluster = cluster with
        {
            Devices = [new DeviceType("e", 1), .. cluster.Devices],
            Profile = new LatencyProfile([.. cluster.Profile.Rows, SimCases.Row("a01", 1, 9, "e"), SimCases.Row("a01", 4, 15, "e")]),
        };
        ImmutableArray<Arrival> arrivals = [new(0, MinAccuracy: 0.9), new(1_000), new(2_000, MinAccuracy: 0.9)];

        var (_, queries) = Run(cluster, new RecordedArrivals(arrivals));

        // "d" is busy with the first until 30 ms, and then takes the third.
        Assert.Equal([0.9, 0.8, 0.9], queries.Select(q => Math.Round(q.Accuracy, 12)));
        Assert.Equal([30_000, 10_000, 60_000], queries.Select(q => q.EndUs));
    }

    [Fact]
    public void Run_SlotFails_ItsRowsRunAgainOnWhatTheSlackThenAllows()
    {
        var problem = Problem(Cluster(slots: 2), Arrivals.Recorded([0]), TakeAll) with { Failures = [new SlotFailure(0, 0, 10_000, 1), new SlotFailure(0, 1, 10_000, 1)] };

        var (result, queries) = SimCases.Trace(problem);

        var query = Assert.Single(queries);
        Assert.Equal((SimulatedOutcome.OnTime, 0.9), (query.Outcome, Math.Round(query.Accuracy, 12)));
        Assert.Equal(1, result.Total.OnTime);
    }

    [Fact]
    public void Run_Chain_ChildrenAndAccuracyAreThoseOfTheVariantThatRan()
    {
        var chain = SimCases.Chain("a", 200, 2, 2);
        var problem = SimCases.Cluster(
            [chain], new DeviceType("d", 2),
            SimCases.Row("a00", 1, 30), SimCases.Row("a01", 1, 10), SimCases.Row("a10", 1, 30), SimCases.Row("a11", 1, 10));
        // The large detector finds two objects, the small one none.
        problem = problem with { Pipelines = [new PipelineDemand(chain, 10, new FanOut([[2, 0]]))] };

        var (result, queries) = Run(problem, 0);

        Assert.Equal(0.81, Assert.Single(queries).Accuracy, 12);
        Assert.Equal([(0, 0, 1L), (1, 0, 2L)], result.Stages.Select(s => (s.Task, s.Variant, s.Rows)));
    }

    [Fact]
    public void Run_LoadFallsAndRises_NothingIsEverSwapped()
    {
        var arrivals = Arrivals.Step([(20, TimeSpan.FromSeconds(10)), (150, TimeSpan.FromSeconds(10)), (20, TimeSpan.FromSeconds(10))]);
        var cluster = Cluster(slots: 2);

        var result = Simulator.Run(new SimulationProblem
        {
            Cluster = cluster, Arrivals = arrivals, Policy = SlackFitPolicy.SlackFit(), Options = SimulationOptions.EmbeddedHost with { ModelLoad = TimeSpan.FromSeconds(1) },
        });

        Assert.Equal(0, result.Swaps);
        Assert.Equal(2, result.ServersUsed, 9);
        Assert.True(result.Total.OnTime > 0.99 * result.Total.Arrivals, $"{result.Total.OnTime} of {result.Total.Arrivals} in time.");
        Assert.Equal(2, result.Stages.Length);
    }

    private static PlanningProblem Cluster(int slots) => SimCases.Cluster(
        [SimCases.Chain("a", 100, 1, 2)], new DeviceType("d", slots),
        SimCases.Row("a00", 1, 30), SimCases.Row("a00", 2, 36), SimCases.Row("a00", 4, 48),
        SimCases.Row("a01", 1, 10), SimCases.Row("a01", 2, 12), SimCases.Row("a01", 4, 16));

    private static (SimulationResult Result, ImmutableArray<QueryRecord> Queries) Run(PlanningProblem cluster, params long[] atUs) =>
        Run(cluster, Arrivals.Recorded(atUs));

    private static (SimulationResult Result, ImmutableArray<QueryRecord> Queries) Run(PlanningProblem cluster, IArrivals arrivals, SimulationOptions? options = null) =>
        SimCases.Trace(Problem(cluster, arrivals, options ?? TakeAll));

    private static SimulationProblem Problem(PlanningProblem cluster, IArrivals arrivals, SimulationOptions options) => new()
    {
        Cluster = cluster,
        Plan = SlackFitPolicy.SlackFit(new SlackFitOptions { Buckets = 4 }).Plan(cluster, TestContext.Current.CancellationToken),
        Arrivals = arrivals,
        Options = options,
    };
}

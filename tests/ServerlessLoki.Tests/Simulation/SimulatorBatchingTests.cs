using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Courses worked out by hand, to the microsecond: when how many run, and what is dropped.</summary>
public sealed class SimulatorBatchingTests
{
    private static readonly SimulationOptions TakeAll = new() { Admission = AdmissionRule.All };

    [Fact]
    public void Run_FourAtOnce_ThoseThatCannotMakeItAreDroppedWhenTheirTurnComes()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 25, servers: 1);

        var (result, queries) = SimCases.Trace(problem, plan, TakeAll, 0, 0, 0, 0);

        Assert.Equal(
            [SimulatedOutcome.OnTime, SimulatedOutcome.OnTime, SimulatedOutcome.Expired, SimulatedOutcome.Expired], queries.Select(q => q.Outcome));
        Assert.Equal([10_000, 20_000, 20_000, 20_000], queries.Select(q => q.EndUs));
        Assert.Equal(0.5, result.Total.LeafAttainment);
    }

    [Fact]
    public void Run_FourAtOnceWithAdmission_TheHopelessOneIsRefusedAtOnce()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 25, servers: 1);

        var (_, queries) = SimCases.Trace(problem, plan, new SimulationOptions(), 0, 0, 0, 0);

        // The third is let in: the host does not know how long the batch in hand still runs.
        Assert.Equal(
            [SimulatedOutcome.OnTime, SimulatedOutcome.OnTime, SimulatedOutcome.Expired, SimulatedOutcome.Rejected], queries.Select(q => q.Outcome));
        Assert.Equal(0, queries[3].EndUs);
    }

    [Fact]
    public void Run_NothingDropped_LateOnesAreWorkedOutAndCountAsLate()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 25, servers: 1);

        var (result, queries) = SimCases.Trace(problem, plan, TakeAll with { Drop = DropRule.Never, Reroute = false }, 0, 0, 0);

        Assert.Equal(SimulatedOutcome.Late, queries[2].Outcome);
        Assert.Equal(30_000, queries[2].LatencyUs);
        Assert.Equal(1.0 / 3, result.Total.Violation, 12);
    }

    [Fact]
    public void Run_PartialBatch_WaitsForCompanyAsLongAsABatchTakes()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1)], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a00", 2, 15));
        // 120 rows/s need batches of two.
        var plan = SimCases.Plan(problem, (0, 0, 0, 2, 1, 120));

        var (_, alone) = SimCases.Trace(problem, plan, TakeAll, 0);
        var (_, urgent) = SimCases.Trace(problem with { Pipelines = [problem.Pipelines[0] with { Pipeline = SimCases.Chain("a", 20, 1) }] }, plan, TakeAll, 0);
        var (_, pair) = SimCases.Trace(problem, plan, TakeAll, 0, 10_000);
        var (_, fixedSize) = SimCases.Trace(problem, plan, TakeAll with { Batching = BatchingRule.FixedSize }, 0, 20_000);

        Assert.Equal(25_000, alone[0].LatencyUs);
        Assert.Equal(20_000, urgent[0].LatencyUs);
        Assert.Equal([25_000, 15_000], pair.Select(q => q.LatencyUs));
        Assert.Equal([10_000, 10_000], fixedSize.Select(q => q.LatencyUs));
    }

    [Fact]
    public void Run_FullBatchRule_WaitsForThePlannedBatchWhateverTheLoad()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1)], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a00", 2, 15));
        var plan = SimCases.Plan(problem, (0, 0, 0, 2, 1, 0));

        var (_, host) = SimCases.Trace(problem, plan, TakeAll, 0);
        var (_, alone) = SimCases.Trace(problem, plan, TakeAll with { Batching = BatchingRule.FullBatch }, 0);
        var (_, pair) = SimCases.Trace(problem, plan, TakeAll with { Batching = BatchingRule.FullBatch }, 0, 20_000);

        Assert.Equal(10_000, host[0].LatencyUs);
        Assert.Equal(100_000, alone[0].LatencyUs);
        Assert.Equal([35_000, 15_000], pair.Select(q => q.LatencyUs));
    }

    [Fact]
    public void Run_AimdRule_BatchGrowsWithSuccessAndAPartialOneWaitsBriefly()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1)], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a00", 2, 15));
        var plan = SimCases.Plan(problem, (0, 0, 0, 2, 1, 0));

        var (_, queries) = SimCases.Trace(problem, plan, TakeAll with { Batching = BatchingRule.Aimd }, 0, 0, 0, 50_000);

        // One alone, then two together; the last waits 2 ms for a second one.
        Assert.Equal([10_000, 25_000, 25_000, 12_000], queries.Select(q => q.LatencyUs));
    }

    [Fact]
    public void Run_AimdRuleWithLateQueries_BatchShrinks()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 12, 1)], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a00", 2, 15));
        var plan = SimCases.Plan(problem, (0, 0, 0, 2, 1, 0));

        var (_, queries) = SimCases.Trace(
            problem, plan, TakeAll with { Batching = BatchingRule.Aimd, Drop = DropRule.Never, Reroute = false }, 0, 0, 0, 0);

        // The pair ends late at 25 ms, so the last does not wait for another.
        Assert.Equal([10_000, 25_000, 25_000, 35_000], queries.Select(q => q.LatencyUs));
    }

    [Fact]
    public void Run_DroppedAtTwiceTheObjective_LateOnesBeforeAreWorkedOut()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 25, servers: 1);

        var (_, queries) = SimCases.Trace(problem, plan, TakeAll with { Drop = DropRule.TwiceObjective, Reroute = false }, 0, 0, 0, 0, 0, 0, 0, 0);

        Assert.Equal([2, 4, 2], new[] { SimulatedOutcome.OnTime, SimulatedOutcome.Late, SimulatedOutcome.Expired }.Select(o => queries.Count(q => q.Outcome == o)));
        Assert.All(queries.Where(q => q.Outcome == SimulatedOutcome.Expired), q => Assert.Equal(60_000, q.EndUs));
    }
}

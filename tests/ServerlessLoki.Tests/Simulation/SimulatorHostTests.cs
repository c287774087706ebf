using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Courses worked out by hand, to the microsecond: batches and requests on the same cores.</summary>
public sealed class SimulatorHostTests
{
    private const double ServiceMs = 10;
    private static readonly HostCores OneCore = new(1, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));

    [Fact]
    public void Run_OneQueryAlone_TakesItsWorkAndTheBatch()
    {
        var (result, queries) = Trace(OneCore, slots: 2, sloMs: 100, 0);

        Assert.Equal((0, 101_000, 13_000), (queries[0].ArrivalUs, queries[0].DeadlineUs, queries[0].EndUs));
        Assert.Equal(1, result.Total.OnTime);
    }

    [Fact]
    public void Run_RequestsDuringABatch_ShareTheCoreWithIt()
    {
        // The second request is read from 5 to 7 ms at half speed, so the first batch ends at 12 ms; then the first answer is
        // written from 12 to 16 ms at half speed, and the second batch ends at 24 ms.
        var (_, queries) = Trace(OneCore, slots: 2, sloMs: 100, 0, 5_000);

        Assert.Equal(107_000, queries[1].DeadlineUs);
        Assert.Equal([16_000L, 26_000L], queries.Select(q => q.EndUs));
    }

    [Fact]
    public void Run_OthersHaveAQuarterOfTheCore_EverythingTakesAThirdMore()
    {
        var (_, queries) = Trace(OneCore with { Cores = 0.75 }, slots: 2, sloMs: 100, 0);

        // Each of the three jobs ends in a whole microsecond.
        Assert.InRange(queries[0].EndUs, 13_000 * 4 / 3, (13_000 * 4 / 3) + 3);
    }

    [Fact]
    public void Run_MoreCoresThanJobs_StretchesNothing()
    {
        var (_, queries) = Trace(OneCore with { Cores = 2 }, slots: 2, sloMs: 100, 0, 5_000);

        Assert.Equal([13_000L, 23_000L], queries.Select(q => q.EndUs));
    }

    [Fact]
    public void Run_DevicesOfTheirOwn_DoNotShareWithRequests()
    {
        var (_, queries) = Trace(OneCore, slots: 1, sloMs: 100, 0, 5_000);

        Assert.Equal([13_000L, 23_000L], queries.Select(q => q.EndUs));
    }

    [Fact]
    public void Run_RefusedQuery_IsReadAndAnsweredAllTheSame()
    {
        var (result, queries) = Trace(OneCore, slots: 2, sloMs: 9, 0);

        Assert.Equal((SimulatedOutcome.Rejected, 3_000L), (queries[0].Outcome, queries[0].EndUs));
        Assert.Equal(1, result.Total.Rejected);
    }

    [Fact]
    public void Run_OverloadByRequestsAlone_AccountsForEveryQuery()
    {
        // 3 ms of each query's own work on one core, every 2 ms; the run is cut before all is answered.
        var atUs = Enumerable.Range(0, 1000).Select(i => i * 2_000L).ToArray();
        var (problem, plan) = Host(slots: 2, sloMs: 100);

        var (result, queries) = SimCases.Trace(problem, plan, new SimulationOptions { HostCores = OneCore, Drain = TimeSpan.FromMilliseconds(50) }, atUs);

        Assert.Equal(atUs, queries.Select(q => q.ArrivalUs));
        Assert.Equal(1000, result.Total.Arrivals);
        Assert.True(queries.Count(q => q.Outcome == SimulatedOutcome.Unfinished) > 100);
    }

    [Fact]
    public void Run_SlotLostInItsBatch_LeavesTheCoreToTheOthers()
    {
        // The slot dies at 6 ms; the row starts anew on the other at once and has the core to itself: until 16 ms, and 2 for the answer.
        var (problem, plan) = Host(slots: 2, sloMs: 100, replicas: 2);

        var (_, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Recorded([0L]), Options = new SimulationOptions { HostCores = OneCore },
            Failures = [new SlotFailure(0, 1, 6_000, 1_000_000)],
        });

        Assert.Equal(18_000, queries[0].EndUs);
    }

    [Theory]
    [InlineData(false, SimulatedOutcome.Late)]
    [InlineData(true, SimulatedOutcome.Rejected)]
    public void Run_GivenPlanOnASlowMachine_ExpectedTimesFollowIfAsked(bool follow, SimulatedOutcome after)
    {
        var (problem, plan) = Host(slots: 2, sloMs: 25);
        var options = new SimulationOptions { Slowdown = 4, FollowSlowdown = follow };

        // The factor is smoothed: a few periods until it says that 40 ms do not fit into 25.
        var (_, queries) = SimCases.Trace(problem, plan, options, [.. Enumerable.Range(0, 60).Select(i => i * 100_000L)]);

        Assert.Equal((SimulatedOutcome.Late, after), (queries[0].Outcome, queries[^1].Outcome));
    }

    [Fact]
    public void Run_PinnedPlanAtThreeTimesItsLoad_HeadroomKeepsQueuesFromTheDeadline()
    {
        // Without, the door lets in what just fits, and a batch that takes a little longer is in vain.
        var (problem, plan) = Host(slots: 2, sloMs: 200);
        var options = new SimulationOptions { HostCores = new HostCores(1, TimeSpan.FromMilliseconds(0.5), TimeSpan.Zero), FollowSlowdown = true, Noise = new ServiceNoise(0.3) };
        SimulationMetrics Run(bool headroom) => Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Poisson(300, TimeSpan.FromSeconds(20)), Options = options with { Headroom = headroom },
        }).Total;

        var (with, without) = (Run(true), Run(false));

        Assert.True(with.OnTime > without.OnTime, $"{with.OnTime} with head-room, {without.OnTime} without, of {with.Arrivals}.");
    }

    [Fact]
    public void Run_ImpossibleCores_AreRefused()
    {
        var fault = Assert.Throws<ArgumentException>(() => Trace(new HostCores(0, TimeSpan.Zero, TimeSpan.Zero), slots: 2, sloMs: 100, 0));

        Assert.Contains("HostCores", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Two slots take turns on one thread; one slot has it to itself.</summary>
    private static (PlanningProblem Problem, Plan Plan) Host(int slots, double sloMs, int replicas = 1)
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", sloMs, 1)], new DeviceType("d", slots, 1.0 / slots), SimCases.Row("a00", 1, ServiceMs));
        return (problem, SimCases.Plan(problem, (0, 0, 0, 1, replicas, 0)));
    }

    private static (SimulationResult Result, ImmutableArray<QueryRecord> Queries) Trace(HostCores cores, int slots, double sloMs, params long[] atUs)
    {
        var (problem, plan) = Host(slots, sloMs);
        return SimCases.Trace(problem, plan, new SimulationOptions { HostCores = cores }, atUs);
    }
}

using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Courses worked out by hand, to the microsecond: ways, times, who answers.</summary>
public sealed class SimulatorCaseTests
{
    private static readonly SimulationOptions TakeAll = new() { Admission = AdmissionRule.All };

    [Fact]
    public void Run_TwoQueriesThroughTwoStages_QueueAtEach()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 1000, 2)], new DeviceType("d", 2), SimCases.Row("a00", 1, 10), SimCases.Row("a10", 1, 20));
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0));

        var (result, queries) = SimCases.Trace(problem, plan, TakeAll, 0, 5_000);

        Assert.Equal([30_000, 45_000], queries.Select(q => q.LatencyUs));
        Assert.All(queries, q => Assert.Equal(0.81, q.Accuracy, 12));
        Assert.All(queries, q => Assert.Equal((UInt128)0b11, q.Path));
        Assert.Equal(1, result.Total.Attainment);
        // Two arrivals, two child rows, four ends of batches, the end of the traffic.
        Assert.Equal(9, result.Events);
    }

    [Fact]
    public void Run_HopLatency_IsPaidBeforeEachTask()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 1000, 2)], new DeviceType("d", 2), SimCases.Row("a00", 1, 10), SimCases.Row("a10", 1, 20));
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0));

        var (_, queries) = SimCases.Trace(problem, plan, TakeAll with { HopLatency = TimeSpan.FromMilliseconds(3) }, 0);

        Assert.Equal(36_000, queries[0].LatencyUs);
    }

    [Fact]
    public void Run_DeadlinesOfTheirOwn_ReplaceTheSlo()
    {
        var (cluster, plan) = SimCases.Servers(serviceMs: 10, sloMs: 25, servers: 1);

        var (_, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = cluster, Plan = plan,
            Arrivals = new RecordedArrivals([new Arrival(0, LatencyUs: 60_000), new Arrival(100_000), new Arrival(200_000, LatencyUs: 12_000)], TimeSpan.FromSeconds(1)),
        });

        Assert.Equal([60_000, 125_000, 212_000], queries.Select(q => q.DeadlineUs));
        Assert.All(queries, q => Assert.Equal((SimulatedOutcome.OnTime, 10_000L), (q.Outcome, q.LatencyUs)));
    }

    [Fact]
    public void Run_QueriesWithMoreTimeThanTheSloWait_AnotherIsTakenAndGoesFirst()
    {
        var (cluster, plan) = SimCases.Servers(serviceMs: 10, sloMs: 45, servers: 1);
        var patient = Enumerable.Repeat(new Arrival(0, LatencyUs: 1_000_000), 6);

        var (_, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = cluster, Plan = plan, Arrivals = new RecordedArrivals([.. patient, new Arrival(1_000)], TimeSpan.FromSeconds(1)),
        });

        // 50 ms wait when it comes, none of it before it: it starts when the batch in hand ends.
        Assert.Equal((SimulatedOutcome.OnTime, 20_000L), (queries[6].Outcome, queries[6].EndUs));
        Assert.All(queries, q => Assert.Equal(SimulatedOutcome.OnTime, q.Outcome));
    }

    [Fact]
    public void Run_TrueProfile_BatchesTakeItAndDecisionsBelieveTheOther()
    {
        var (cluster, plan) = SimCases.Servers(serviceMs: 10, sloMs: 25, servers: 1);

        var (_, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = cluster, Plan = plan, Arrivals = Arrivals.Recorded([0, 0]), Options = TakeAll,
            TrueProfile = new LatencyProfile([SimCases.Row("a00", 1, 14)]),
        });

        // The second would be dropped at 14 ms by who knew that it takes as long again.
        Assert.Equal([14_000, 28_000], queries.Select(q => q.EndUs));
        Assert.Equal([SimulatedOutcome.OnTime, SimulatedOutcome.Late], queries.Select(q => q.Outcome));
    }

    [Fact]
    public void Run_SlotsThatTakeTurns_TheEarlierDeadlineGoesFirst()
    {
        var problem = SimCases.Cluster(
            [SimCases.Chain("a", 200, 1), SimCases.Chain("b", 100, 1), SimCases.Chain("c", 300, 1)], new DeviceType("d", 4, 0.25),
            SimCases.Row("a00", 1, 10), SimCases.Row("b00", 1, 10), SimCases.Row("c00", 1, 10));
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0), (1, 0, 0, 1, 1, 0), (2, 0, 0, 1, 1, 0));
        var arrivals = new RecordedArrivals([new Arrival(0, 2), new Arrival(1, 0), new Arrival(2, 1)]);

        var (result, queries) = SimCases.Trace(new SimulationProblem { Cluster = problem, Plan = plan, Arrivals = arrivals });

        Assert.Equal([10_000, 30_000, 20_000], queries.Select(q => q.EndUs));
        Assert.Equal(3, result.Pipelines.Length);
    }

    [Fact]
    public void Run_FanOut_ChildrenFollowTheParentsMean()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 1000, 2)], new DeviceType("d", 20), SimCases.Row("a00", 1, 1), SimCases.Row("a10", 1, 1));
        problem = problem with { Pipelines = [problem.Pipelines[0] with { FanOut = new FanOut([[2.5]]) }] };
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 10, 0), (0, 1, 0, 1, 10, 0));
        foreach (var draw in Enum.GetValues<FanOutDraw>())
        {
            var (_, queries) = SimCases.Trace(new SimulationProblem
            {
                Cluster = problem, Plan = plan, Arrivals = Arrivals.Poisson(500, TimeSpan.FromSeconds(40)), Options = TakeAll with { FanOut = draw },
            });
            var none = queries.Count(q => q.Path == 1);

            // A query without children is its own leaf.
            Assert.Equal(2.5, (queries.Sum(q => q.Leaves) - none) / (double)queries.Length, 0.06);
            Assert.Equal(draw == FanOutDraw.Rounded, none == 0);
        }
    }

    [Fact]
    public void Run_SlowerDevice_LeavesAHeadThatOnlyTheFasterOneCanSave()
    {
        var pipeline = SimCases.Chain("a", 30, 1);
        var problem = SimCases.Cluster([pipeline], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a00", 1, 25, "slow"));
        problem = problem with { Devices = [.. problem.Devices, new DeviceType("slow", 1)] };
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0));
        plan = plan with { Slots = [.. plan.Slots, plan.Slots[0] with { Device = 1, CapacityQps = 40, LatencyUs = 25_000 }] };

        // At 0 both take one; the third waits, and at 25 ms only the fast device could still make it.
        var (_, queries) = SimCases.Trace(problem, plan, TakeAll, 0, 0, 9_000);

        Assert.Equal([10_000, 25_000, 20_000], queries.Select(q => q.EndUs));
        Assert.All(queries, q => Assert.Equal(SimulatedOutcome.OnTime, q.Outcome));
    }

    [Theory]
    [InlineData(false, 80_000)]
    [InlineData(true, 50_000)]
    public void Run_RowThatWaitedTooLong_IsAnsweredByTheFastestWhereTheHostWould(bool rescue, long secondLatencyUs)
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1, variants: 2)], new DeviceType("d", 2), SimCases.Row("a00", 1, 40), SimCases.Row("a01", 1, 10));
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0), (0, 0, 1, 1, 1, 0));

        var (_, queries) = SimCases.Trace(problem, plan, TakeAll with { RescueStranded = rescue }, 0, 0);

        Assert.Equal([40_000, secondLatencyUs], queries.Select(q => q.LatencyUs));
    }

    [Fact]
    public void Run_Standby_AnswersThoseThatTheQueueWouldMakeLate()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 25, 1, variants: 2)], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a01", 1, 2));
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0));

        var (result, queries) = SimCases.Trace(problem, plan, new SimulationOptions { Standby = true }, 0, 0, 0, 0);

        Assert.Equal([0, 0, 1, 1], queries.Select(q => q.RootVariant));
        Assert.Equal([10_000, 20_000, 22_000, 24_000], queries.Select(q => q.EndUs));
        Assert.Equal((0.9 + 0.9 + 0.8 + 0.8) / 4, result.Total.EffectiveAccuracy, 12);
    }

    [Fact]
    public void Run_RowTooLateForItsVariant_IsSentToAFasterOne()
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 25, 1, variants: 2)], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a01", 1, 2));
        var plan = SimCases.Plan(problem, (0, 0, 0, 1, 1, 0));

        var (_, queries) = SimCases.Trace(problem, plan, TakeAll with { Standby = true }, 0, 0, 0, 0);
        var (_, alone) = SimCases.Trace(problem, plan, TakeAll with { Standby = true, Reroute = false }, 0, 0, 0, 0);

        Assert.Equal([10_000, 20_000, 22_000, 24_000], queries.Select(q => q.EndUs));
        Assert.Equal(((UInt128)0b01, (UInt128)0b10), (queries[1].Path, queries[2].Path));
        Assert.Equal(0.8, queries[3].Accuracy, 12);
        Assert.Equal(2, alone.Count(q => q.Outcome == SimulatedOutcome.Expired));
    }

    [Fact]
    public void Run_MeasurementWindow_LeavesOutTheWarmUp()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 100, servers: 1);

        var (result, _) = SimCases.Trace(problem, plan, TakeAll with { WarmUp = TimeSpan.FromSeconds(1) }, 0, 1_000_000, 2_000_000, 3_000_000);

        Assert.Equal(3, result.Total.Arrivals);
        Assert.Equal(2_000_000, result.WindowUs);
        Assert.Equal(0.01, result.Utilization[0], 6);
        Assert.Equal(1, result.ServersUsed, 9);
        Assert.Equal([1, 1, 1, 1], result.Seconds.Take(4).Select(s => s.OnTime));
    }

    [Fact]
    public void Run_StillUnderWayAtTheEnd_CountsAsUnfinished()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 2000, sloMs: 3000, servers: 1);

        var (result, queries) = SimCases.Trace(problem, plan, TakeAll with { Drain = TimeSpan.FromSeconds(1) }, 0);

        Assert.Equal(SimulatedOutcome.Unfinished, queries[0].Outcome);
        Assert.Equal(1, result.Total.Violation);
    }

    [Fact]
    public void Run_Unusable_ListsEveryFault()
    {
        var (problem, _) = SimCases.Servers(10, 100, 1);

        var error = Assert.Throws<ArgumentException>(() => Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Arrivals = Arrivals.Recorded([0]), Options = new SimulationOptions { Slowdown = 0 }, Failures = [new SlotFailure(0, 5, 0, 1)],
        }));

        Assert.Contains("neither a plan nor a policy", error.Message, StringComparison.Ordinal);
        Assert.Contains("Slowdown is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("slot 5 of device 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ReplicaOfFixedCores_RunsOneBatchAndTakesAllItsSlots()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 1000, servers: 4);
        problem = problem with { Cores = new CoreProfile { CoresPerReplica = ImmutableDictionary<string, int>.Empty.Add("a00", 4) } };
        plan = plan with { Slots = [plan.Slots[0] with { Replicas = 1, Cores = 4 }] };

        var (result, queries) = SimCases.Trace(problem, plan, TakeAll, 0, 0, 1_000_000);

        Assert.Equal([10_000, 20_000, 10_000], queries.Select(q => q.LatencyUs));
        Assert.Equal(4, result.ServersUsed);
    }

    [Fact]
    public void Run_ReplicaOfChosenCores_RunsAQueryOnEach()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 1000, servers: 4);
        problem = problem with { Cores = new CoreProfile { CapacityQps = ImmutableDictionary<string, ImmutableArray<double>>.Empty.Add("a00", [0, 80, 160, 240]) } };
        plan = plan with { Slots = [plan.Slots[0] with { Replicas = 1, Cores = 3 }] };

        var (result, queries) = SimCases.Trace(problem, plan, TakeAll, 0, 0, 0, 0, 1_000_000);

        Assert.Equal([10_000, 10_000, 10_000, 20_000, 10_000], queries.Select(q => q.LatencyUs));
        Assert.Equal(3, result.ServersUsed);
    }
}

using ServerlessLoki.Forecasting;
using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Courses worked out by hand, to the microsecond.</summary>
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
    public void Run_SlotDies_RowInHandIsTriedOnceMore()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 100, servers: 2);
        var simulation = new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Recorded([0]), Options = TakeAll,
            Failures = [new SlotFailure(0, 1, 4_000, 1_000_000)],
        };

        var (_, once) = SimCases.Trace(simulation);
        var (_, twice) = SimCases.Trace(simulation with { Failures = [new SlotFailure(0, 1, 4_000, 1_000_000), new SlotFailure(0, 0, 9_000, 1_000_000)] });

        Assert.Equal(14_000, once[0].LatencyUs);
        Assert.Equal(SimulatedOutcome.Failed, twice[0].Outcome);
        Assert.Equal(9_000, twice[0].EndUs);
    }

    [Fact]
    public void Run_AllSlotsDownAndBack_QueueIsServedAfterRepairAndLoading()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 1000, servers: 1);

        var (_, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Recorded([50_000]),
            Options = TakeAll with { ModelLoad = TimeSpan.FromMilliseconds(20) }, Failures = [new SlotFailure(0, 0, 10_000, 100_000)],
        });

        Assert.Equal(140_000, queries[0].EndUs);
    }

    [Fact]
    public void Run_PlanChange_OldVariantServesWhileTheNewOneLoads()
    {
        var pipeline = SimCases.Chain("a", 100, 1, variants: 2);
        var problem = SimCases.Cluster([pipeline], new DeviceType("d", 1), SimCases.Row("a00", 1, 10), SimCases.Row("a01", 1, 5));
        var (before, after) = (SimCases.Plan(problem, (0, 0, 0, 1, 1, 0)), SimCases.Plan(problem, (0, 0, 1, 1, 1, 0)));

        var (result, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = problem,
            Policy = new Scripted(p => p.Previous is null ? before : after),
            Arrivals = Arrivals.Recorded(Enumerable.Range(0, 30).Select(i => i * 100_000L)),
            Options = new SimulationOptions { ModelLoad = TimeSpan.FromMilliseconds(450), AlwaysApply = true },
        });

        Assert.Equal((1_000_000, 1_450_000, 1), (result.Plans[1].DecidedUs, result.Plans[1].InForceUs, result.Plans[1].Swaps));
        Assert.All(queries, q => Assert.Equal(q.ArrivalUs < 1_450_000 ? 0 : 1, q.RootVariant));
        Assert.All(queries, q => Assert.Equal(q.ArrivalUs < 1_450_000 ? 10_000 : 5_000, q.LatencyUs));
        Assert.Equal(1, result.Swaps);
    }

    [Theory]
    [InlineData(true, 10_000)]
    [InlineData(false, 20_000)]
    public void Run_SlotThatCannotLoadBeside_IsMissingWhileItLoads(bool beside, long secondLatencyUs)
    {
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1, variants: 2)], new DeviceType("d", 2, 1, 3.6), SimCases.Row("a00", 1, 10), SimCases.Row("a01", 1, 5));
        var (before, after) = (SimCases.Plan(problem, (0, 0, 0, 1, 2, 0)), SimCases.Plan(problem, (0, 0, 0, 1, 1, 0), (0, 0, 1, 1, 1, 0)));

        var (result, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = problem,
            Policy = new Scripted(p => p.Previous is null ? before : after),
            Arrivals = Arrivals.Recorded([1_200_000, 1_200_000, 2_000_000]),
            Options = new SimulationOptions { ModelLoad = TimeSpan.FromMilliseconds(450), AlwaysApply = true, LoadBeside = beside },
        });

        Assert.Equal(10_000, queries[0].LatencyUs);
        Assert.Equal(secondLatencyUs, queries[1].LatencyUs);
        Assert.Equal([new StageSample(0, 0, 0, 3, 3, 0)], result.Stages);
        Assert.Equal(2, result.ServersUsed, 9);
        Assert.Equal(2 * 3.6 * 2 / 3600, result.Cost, 12);
    }

    [Fact]
    public void Run_PlanThatLoadsLong_IsNotTakenForABurst()
    {
        // Steady 200/s; the arrivals of a long load must not count as those of a quarter second.
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1, variants: 2)], new DeviceType("d", 4), SimCases.Row("a00", 1, 10), SimCases.Row("a01", 1, 5));
        problem = problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 200 }] };
        var plans = new[] { SimCases.Plan(problem, (0, 0, 0, 1, 4, 0)), SimCases.Plan(problem, (0, 0, 1, 1, 4, 0)) };
        var seen = new List<double>();
        var policy = new Scripted(p =>
        {
            seen.Add(p.Pipelines[0].DemandQps);
            return plans[seen.Count % 2];
        });

        Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Policy = policy, Arrivals = Arrivals.Gamma(200, 0, TimeSpan.FromSeconds(10)),
            Options = new SimulationOptions { ModelLoad = TimeSpan.FromMilliseconds(700), AlwaysApply = true },
        });

        Assert.True(seen.Count > 5);
        Assert.All(seen, qps => Assert.InRange(qps, 195, 205));
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

    [Theory]
    [InlineData(false, 40_000)]
    [InlineData(true, 50_000)]
    public void Run_MedianNearTheSlo_PlansGetHeadroomWhereTheHostsWould(bool headroom, double secondPlanUs)
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 40, sloMs: 100, servers: 1);
        var seen = new List<double>();

        SimCases.Trace(new SimulationProblem
        {
            Cluster = problem,
            Policy = new Scripted(p =>
            {
                seen.Add(p.Profile.Find("a00", "d")!.LatencyUs(1));
                return plan;
            }),
            Arrivals = Arrivals.Recorded(Enumerable.Range(0, 10).Select(i => i * 200_000L)),
            Options = TakeAll with { AlwaysApply = true, PlanOnBurst = false, Headroom = headroom },
        });

        Assert.Equal([40_000, secondPlanUs], seen.Take(2));
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
    public void Run_PolicyThatLooksBack_IsGivenTheArrivalsSoFarBack()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 1, sloMs: 100, servers: 2);
        var seen = new List<ArrivalWindow?>();
        var policy = new Scripted(p => { seen.Add(p.Recent); return plan; }) { History = TimeSpan.FromSeconds(1.5) };

        Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Policy = policy, Arrivals = Arrivals.Recorded([100_000, 900_000, 1_200_000, 2_500_000]),
            Options = new SimulationOptions { AlwaysApply = true },
        });

        Assert.Null(seen[0]);
        Assert.Equal([100_000, 900_000], seen[1]!.Arrivals.Select(a => a.AtUs));
        Assert.Equal([900_000, 1_200_000], seen[2]!.Arrivals.Select(a => a.AtUs));
        Assert.Equal((500_000, 2_000_000), (seen[2]!.FromUs, seen[2]!.NowUs));
    }

    [Fact]
    public void Run_PolicyThatDoesNotLookBack_IsGivenNone()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 1, sloMs: 100, servers: 2);
        var policy = new Scripted(p => { Assert.Null(p.Recent); return plan; });

        var result = Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Policy = policy, Arrivals = Arrivals.Recorded([100_000, 900_000, 2_500_000]),
            Options = new SimulationOptions { AlwaysApply = true },
        });

        Assert.True(result.Plans.Length > 1);
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

    private sealed class Scripted(Func<PlanningProblem, Plan> plan) : IPlanningPolicy
    {
        public string Name => "scripted";

        public TimeSpan History { get; init; }

        public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default) => plan(problem);
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

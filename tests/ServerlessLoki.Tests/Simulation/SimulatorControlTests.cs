using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Courses worked out by hand, to the microsecond: from one plan to the next.</summary>
public sealed class SimulatorControlTests
{
    private static readonly SimulationOptions TakeAll = new() { Admission = AdmissionRule.All };

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
        // Over two seconds; what loads beside another for 450 ms stands there too, and costs.
        var servers = beside ? 2 + (0.45 / 2) : 2;
        Assert.Equal(servers, result.ServersUsed, 9);
        Assert.Equal(2 * 3.6 * servers / 3600, result.Cost, 12);
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
}

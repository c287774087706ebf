using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Slots that die and come back.</summary>
public sealed class SimulatorFailureTests
{
    private static readonly SimulationOptions TakeAll = new() { Admission = AdmissionRule.All };

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
    public void Run_SlotFailsWhileDown_IsBackWhenTheLastFailureIsOver()
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 10, sloMs: 1000, servers: 1);

        var (_, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Recorded([50_000]), Options = TakeAll,
            Failures = [new SlotFailure(0, 0, 10_000, 100_000), new SlotFailure(0, 0, 20_000, 10_000)],
        });

        Assert.Equal(120_000, queries[0].EndUs);
    }

    [Fact]
    public void Run_SlotDown_PlansDoWithoutItUntilItIsBack()
    {
        // 50/s a slot for the accurate variant: 120/s need all three; two need help of the fast one.
        var problem = SimCases.Cluster([SimCases.Chain("a", 100, 1, variants: 2)], new DeviceType("d", 3), SimCases.Row("a00", 1, 20), SimCases.Row("a01", 1, 5));
        problem = problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 120 }] };

        var result = Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Policy = new LokiPolicy(new BranchAndBoundSolver()), Arrivals = Arrivals.Gamma(120, 0, TimeSpan.FromSeconds(12)),
            Failures = [new SlotFailure(0, 0, 3_500_000, 4_000_000)], Options = new SimulationOptions { Headroom = false },
        });

        Assert.Equal(["0x3", "0x1 1x1", "0x3"], [At(1_000_000), At(5_000_000), At(11_000_000)]);

        string At(long us) => string.Join(' ', result.Plans.Last(p => p.InForceUs <= us).Plan.Slots.Select(s => $"{s.Variant}x{s.Replicas}"));
    }
}

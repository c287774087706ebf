using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Laws that hold whatever the course: queueing theory, conservation, repeatability, memory.</summary>
public sealed class SimulatorLawTests
{
    private static readonly SimulationOptions TakeAll = new() { Admission = AdmissionRule.All };

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(0.9)]
    public void Run_OneServerPoisson_MeetsTheFormulaOfTheMD1Queue(double load)
    {
        var (problem, plan) = SimCases.Servers(serviceMs: 1, sloMs: 3_600_000, servers: 1);

        var result = Simulator.Estimate(problem, plan, Arrivals.Poisson(1000 * load, TimeSpan.FromSeconds(2000)), TakeAll);

        // Pollaczek and Khinchine: W = s + ρ s / (2 (1 − ρ)). The bound is about four standard errors of the worst load.
        var expectedUs = 1000 + (load * 1000 / (2 * (1 - load)));
        Assert.Equal(expectedUs, result.Total.MeanLatencyUs, 0.04 * expectedUs);
        Assert.Equal(load, result.Utilization[0], 0.005);
    }

    [Fact]
    public void Run_SeveralServersPoisson_WaitLessThanOne()
    {
        // The same load on four servers: M/D/c waits far less than M/D/1, never less than the service itself.
        var (one, planOne) = SimCases.Servers(serviceMs: 1, sloMs: 3_600_000, servers: 1);
        var (four, planFour) = SimCases.Servers(serviceMs: 1, sloMs: 3_600_000, servers: 4);

        var single = Simulator.Estimate(one, planOne, Arrivals.Poisson(800, TimeSpan.FromSeconds(300)), TakeAll);
        var pooled = Simulator.Estimate(four, planFour, Arrivals.Poisson(3200, TimeSpan.FromSeconds(300)), TakeAll);

        Assert.InRange(pooled.Total.MeanLatencyUs, 1000, 1000 + ((single.Total.MeanLatencyUs - 1000) / 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_Batches_ObeyLittlesLaw(ulong seed)
    {
        var problem = Synthetic.Problem(300, 6, -1, 0);
        var plan = new LokiPolicy(new BranchAndBoundSolver()).Plan(problem);

        var (result, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = problem, Plan = plan, Arrivals = Arrivals.Gamma(300, 4, TimeSpan.FromSeconds(120)), Options = new SimulationOptions { Seed = seed },
        });

        // L = λ W over admitted queries, each counted until it ended.
        var admitted = queries.Where(q => q.RootVariant >= 0);
        Assert.Equal(admitted.Sum(q => (double)q.LatencyUs) / result.WindowUs, result.MeanInFlight, 0.01 * result.MeanInFlight);
        Assert.True(result.MeanInFlight > 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Run_RandomClusters_EveryArrivalEndsExactlyOnce(int seed)
    {
        var problem = Synthetic.Random(seed);
        var arrivals = Arrivals.Merge(problem.Pipelines.Select((p, i) => Arrivals.Gamma(Math.Min(300, p.DemandQps * 1.3), 3, TimeSpan.FromSeconds(20), i)));
        var expected = Count(arrivals, 9);
        var failures = problem.Devices[0].Slots > 1 ? new[] { new SlotFailure(0, 0, 3_000_000, 5_000_000), new SlotFailure(0, 1, 4_000_000, 1_000_000) } : [];
        var simulation = new SimulationProblem
        {
            Cluster = problem, Policy = new LokiPolicy(new BranchAndBoundSolver()), Arrivals = arrivals, Failures = [.. failures],
            Options = new SimulationOptions
            {
                Seed = 9, ModelLoad = TimeSpan.FromMilliseconds(300), HopLatency = TimeSpan.FromMilliseconds(seed % 3), MaxPending = 50,
                Drop = (DropRule)(seed % 4), Batching = (BatchingRule)(seed % 4), Standby = seed % 2 == 0, Noise = new ServiceNoise(0.2), SeparateProcesses = seed % 3 == 0,
            },
        };

        var (result, queries) = SimCases.Trace(simulation);

        Assert.Equal(expected, queries.Length);
        Assert.Equal(Enumerable.Range(0, queries.Length).Select(i => (long)i), queries.Select(q => q.Sequence));
        Assert.Equal(expected, result.Total.Arrivals);
        Assert.Equal(expected, result.Pipelines.Sum(p => p.Arrivals));
        Assert.Equal(expected, result.Seconds.Sum(s => (long)s.Arrivals));
        Assert.Equal(expected, result.Seconds.Sum(s => (long)s.OnTime + s.Late + s.Rejected + s.Expired));
        Assert.Equal(queries.Count(q => q.Outcome == SimulatedOutcome.OnTime), result.Total.OnTime);
        Assert.All(queries.Where(q => q.Outcome == SimulatedOutcome.OnTime), q => Assert.InRange(q.EndUs, q.ArrivalUs, q.DeadlineUs));
        Assert.All(queries.Where(q => q.Outcome == SimulatedOutcome.Late), q => Assert.True(q.EndUs > q.DeadlineUs));
        Assert.All(result.Utilization, u => Assert.InRange(u, 0, 1));
    }

    [Fact]
    public void Run_SameSeed_SameTruthWhateverElseRuns()
    {
        var problem = Synthetic.Random(3);
        var simulation = new SimulationProblem
        {
            Cluster = problem, Policy = new LokiPolicy(new BranchAndBoundSolver()),
            Arrivals = Arrivals.Poisson(200, TimeSpan.FromSeconds(15)), Options = new SimulationOptions { Noise = new ServiceNoise(0.1), Seed = 5 },
        };

        var runs = new (SimulationResult Result, System.Collections.Immutable.ImmutableArray<QueryRecord> Queries)[4];
        Parallel.For(0, runs.Length, i => runs[i] = SimCases.Trace(simulation));
        var other = SimCases.Trace(simulation with { Options = simulation.Options with { Seed = 6 } });

        Assert.All(runs, r => Assert.Equal(runs[0].Queries.AsEnumerable(), r.Queries));
        Assert.All(runs, r => Assert.Equal(runs[0].Result.Total, r.Result.Total));
        Assert.NotEqual(runs[0].Queries.AsEnumerable(), other.Queries);
    }

    [Fact]
    public void Run_LongerTraffic_AllocatesNextToNothingMore()
    {
        var problem = Synthetic.Problem(400, 8, -1, 0);
        var plan = new LokiPolicy(new BranchAndBoundSolver()).Plan(problem);
        (long Bytes, long Events) Run(int seconds)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var events = Simulator.Estimate(problem, plan, Arrivals.Poisson(400, TimeSpan.FromSeconds(seconds))).Events;
            return (GC.GetAllocatedBytesForCurrentThread() - before, events);
        }

        Run(10);
        var (shortBytes, shortEvents) = Run(100);
        var (longBytes, longEvents) = Run(300);

        Assert.InRange((longBytes - shortBytes) * 1000.0 / (longEvents - shortEvents), 0, 200);
    }

    [Fact]
    public void Run_Slowdown_IsMeasuredAndPlannedFor()
    {
        // Three servers carry 250 queries/s of 10 ms only while the machine is as fast as its profile.
        var pipeline = SimCases.Chain("a", 100, 1, variants: 2);
        var problem = SimCases.Cluster([pipeline], new DeviceType("d", 3), SimCases.Row("a00", 1, 10), SimCases.Row("a01", 1, 4));
        problem = problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 250 }] };
        SimulationResult Run(double slowdown) => Simulator.Run(new SimulationProblem
        {
            Cluster = problem, Policy = new LokiPolicy(new BranchAndBoundSolver()), Arrivals = Arrivals.Gamma(250, 0, TimeSpan.FromSeconds(30)),
            Options = new SimulationOptions { Slowdown = slowdown, PlanOnBurst = false },
        });

        Assert.Equal(0.9, Run(1).Plans[^1].Plan.Accuracy, 0.005);
        Assert.InRange(Run(1.5).Plans[^1].Plan.Accuracy, 0.79, 0.88);
    }

    private static int Count(IArrivals arrivals, ulong seed)
    {
        var stream = arrivals.Open(seed);
        var count = 0;
        while (stream.TryNext(out _))
            count++;
        return count;
    }
}

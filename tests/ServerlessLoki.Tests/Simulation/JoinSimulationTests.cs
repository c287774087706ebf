using ServerlessLoki.Planning;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

/// <summary>Joins in the simulator: when they run, how often, and that nothing is lost.</summary>
public sealed class JoinSimulationTests
{
    private static readonly SimulationOptions Plain = new() { HopLatency = TimeSpan.Zero, Noise = new ServiceNoise(0) };

    [Fact]
    public void Run_Diamond_JoinStartsWhenTheSlowestBranchHasEnded()
    {
        var problem = Graphs.Diamond(join: true, 10, 10);

        var (result, queries) = SimCases.Trace(problem, Plan(problem), Plain, 0, 1_000_000);

        // d 5 ms, then a 10 ms beside b 20 ms, then the large j 20 ms.
        Assert.Equal([45_000, 1_045_000], queries.Select(q => q.EndUs));
        Assert.All(queries, q => Assert.Equal((SimulatedOutcome.OnTime, 1, 1.0), (q.Outcome, q.Leaves, q.Accuracy)));
        Assert.Equal([2, 2, 2, 2], Enumerable.Range(0, 4).Select(t => Rows(result, t)));
    }

    [Fact]
    public void Run_RowPerArrival_EachBranchGoesOnByItself()
    {
        var problem = Graphs.Diamond(join: false, 10, 10);

        var (result, queries) = SimCases.Trace(problem, Plan(problem), Plain, 0);

        Assert.Equal(2, Rows(result, 3));
        Assert.Equal(2, queries[0].Leaves);
        // One slot of the large j: the second arrival, at 25 ms, waits until 35.
        Assert.Equal(55_000, queries[0].EndUs);
    }

    [Fact]
    public void Run_NoBranchTaken_JoinDoesNotRunAndTheQueryEnds()
    {
        var problem = Graphs.Diamond(join: true, 10, 10, toA: 0, toB: 0);

        var (result, queries) = SimCases.Trace(problem, Plan(problem), Plain, 0);

        Assert.Equal(0, Rows(result, 3));
        Assert.Equal((SimulatedOutcome.OnTime, 5_000), (queries[0].Outcome, queries[0].EndUs));
    }

    [Fact]
    public void Run_ManyChildrenOnOneBranch_OneRunOfTheJoin()
    {
        var problem = Graphs.Diamond(join: true, 10, 20, toA: 4, toB: 0);

        var (result, queries) = SimCases.Trace(problem, Plan(problem), Plain, 0);

        Assert.Equal([1, 4, 0, 1], Enumerable.Range(0, 4).Select(t => Rows(result, t)));
        Assert.Equal(SimulatedOutcome.OnTime, queries[0].Outcome);
    }

    // Whatever the graph: each query ends once, no record is left, and a join runs no more often than the items that it joins per.
    [Fact]
    public void Run_RandomGraphs_NothingIsLost()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var problem = Graphs.RandomProblem(seed);
            var plan = PlanningPolicies.Create("loki", new BranchAndBoundSolver()).Plan(problem);
            var ended = new Dictionary<long, int>();
            var result = Simulator.Run(new SimulationProblem
            {
                Cluster = problem,
                Plan = plan,
                Arrivals = Arrivals.Poisson(problem.Pipelines[0].DemandQps * (seed % 3 == 0 ? 1.5 : 0.8), TimeSpan.FromSeconds(20)),
                Options = new SimulationOptions { Seed = (ulong)seed, FanOut = FanOutDraw.Poisson },
                Failures = seed % 4 == 0 ? [new SlotFailure(0, 0, 5_000_000, 3_000_000)] : [],
                OnQuery = (in QueryRecord q) => ended[q.Sequence] = ended.GetValueOrDefault(q.Sequence) + 1,
            });

            Assert.All(ended.Values, times => Assert.Equal(1, times));
            Assert.Equal(result.Total.Arrivals, ended.Count);
            Assert.Equal(0, result.Total.Unfinished);
            foreach (var join in problem.Pipelines[0].Pipeline.Tasks.Where(t => t.IsJoin))
                Assert.True(Rows(result, join.Index) <= Rows(result, join.JoinsPer!.Value) + GivenUp(result), $"seed {seed}: {join.Name}");
        }
    }

    private static Plan Plan(PlanningProblem problem) => PlanningPolicies.Create("loki", new BranchAndBoundSolver()).Plan(problem);

    private static long Rows(SimulationResult result, int task) => result.Stages.Where(s => s.Task == task).Sum(s => s.Rows);

    private static long GivenUp(SimulationResult result) => result.Stages.Sum(s => s.GivenUp);
}

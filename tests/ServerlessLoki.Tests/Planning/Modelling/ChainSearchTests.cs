using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Modelling.Chains;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Modelling;

public sealed class ChainSearchTests
{
    private static readonly PlanningOptions Options = new() { RelativeGap = 1e-7, NodeLimit = null };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(100, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void MostAccurate_RandomChain_SameOptimumAsThePlanProgram(int seed)
    {
        var problem = Chain(seed);
        var before = new LokiPolicy(new BranchAndBoundSolver()).Plan(problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 0.8 * problem.Pipelines[0].DemandQps }] }, TestContext.Current.CancellationToken);
        foreach (var previous in new[] { null, before })
        {
            var space = PlanningSpace.Create(problem with { Previous = previous });

            var found = Solver().MostAccurate(space);

            Assert.True(ChainSearch.Fits(space));
            var expected = Solver().Solve(new PlanProgram(space, Goal.MostAccurate));
            Assert.Equal(expected.Solution.Status, found.Solution.Status);
            if (found.Draft is null)
                continue;
            Assert.Equal(expected.Solution.Objective, found.Solution.Objective, 1e-6);
            Assert.InRange(found.Solution.Bound, found.Solution.Objective, found.Solution.Objective + 1e-6);
            Assert.Empty(PlanChecker.Faults(space.Problem, PlanAssembler.Assemble(found.Draft, PlanningPolicies.Loki, Solver().Proof(found.Solution, "accuracy"), [])));
        }
    }

    [Fact]
    public void Run_LimitStrikesBeforeAnyPlan_SaysThatALimitStruck()
    {
        var (solution, draft) = new ChainSearch(PlanningSpace.Create(Chain(103)), (_, _) => null, 1e-9, 0).Run();

        Assert.Equal((SolveStatus.Limit, null), (solution.Status, draft));
    }

    [Fact]
    public void Run_LimitStrikesAfterThePlanInForce_ItsVariantsCarryTheDemandStill()
    {
        var problem = Chain(101);
        var before = new LokiPolicy(new BranchAndBoundSolver()).Plan(problem with { Pipelines = [problem.Pipelines[0] with { DemandQps = 0.99 * problem.Pipelines[0].DemandQps }] }, TestContext.Current.CancellationToken);
        var space = PlanningSpace.Create(problem with { Previous = before });
        var solved = 0;

        var (solution, draft) = new ChainSearch(space, (p, _) => solved++ == 0 ? new BranchAndBoundSolver().Solve(p) : null, 1e-9, 0).Run();

        Assert.Equal(SolveStatus.Feasible, solution.Status);
        Assert.NotNull(draft);
        Assert.Subset(before.Slots.Select(s => (s.Task, s.Variant)).ToHashSet(), draft.Slots.Select(s => (s.Candidate.Task, s.Candidate.Variant)).ToHashSet());
    }

    [Fact]
    public void Fits_BranchesOrSeveralDevicesOrPipelines_No()
    {
        var one = Synthetic.Pipeline("one", 200, [-1, 0], 2);
        var two = Synthetic.Pipeline("two", 200, [-1, 0], 2);

        Assert.True(ChainSearch.Fits(PlanningSpace.Create(Synthetic.Problem([(one, 10)], [new DeviceType("cpu", 4), new DeviceType("gpu", 0)]))));
        Assert.False(ChainSearch.Fits(PlanningSpace.Create(Synthetic.Problem(10, 8, -1, 0, 0))));
        Assert.False(ChainSearch.Fits(PlanningSpace.Create(Synthetic.Problem([(one, 10)], [new DeviceType("cpu", 4), new DeviceType("gpu", 4)]))));
        Assert.False(ChainSearch.Fits(PlanningSpace.Create(Synthetic.Problem([(one, 10), (two, 10)], [new DeviceType("cpu", 4)]))));
    }

    private static PlanSolver Solver() => new(new BranchAndBoundSolver(), null, Options, TestContext.Current.CancellationToken);

    private static PlanningProblem Chain(int seed)
    {
        var random = new Random(seed);
        var stages = random.Next(1, 4);
        var pipeline = Synthetic.Pipeline("p", random.Next(60, 220), [.. Enumerable.Range(-1, stages)], 5 - stages);
        var problem = Synthetic.Problem([(pipeline, Math.Round(100 + (700 * random.NextDouble()), 1))], [new DeviceType("cpu", random.Next(5, 16))]);
        var fanOut = new FanOut([.. pipeline.Edges.Select(e => pipeline.Tasks[e.From].Variants.Select(_ => Math.Round(2 * random.NextDouble(), 2)).ToImmutableArray())]);
        return problem with { Pipelines = [problem.Pipelines[0] with { FanOut = fanOut }], Options = Options with { Utilization = seed % 2 == 0 ? 1 : 0.9 } };
    }
}

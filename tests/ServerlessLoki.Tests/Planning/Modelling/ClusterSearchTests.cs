using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Modelling.Clusters;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Modelling;

public sealed class ClusterSearchTests
{
    private static readonly BranchAndBoundSolver Managed = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    // Those whose demand can all be served.
    public static TheoryData<int> LightSeeds => [.. Enumerable.Range(1, 24).Except([13, 17, 21, 23, 24])];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Run_RandomProblem_BoundHoldsAndPlanIsOne(int seed)
    {
        var space = PlanningSpace.Create(Synthetic.Random(seed));
        var exact = Managed.Solve(new PlanProgram(space, Goal.MostAccurate).Build(), cancellationToken: TestContext.Current.CancellationToken);

        var (solution, draft) = Search(space).Run();

        if (!exact.HasValues)
        {
            Assert.Null(draft);
            return;
        }

        // Latency rows that come later only lower the exact optimum: it is a bound too, but not the one under test.
        Assert.NotEqual(SolveStatus.Infeasible, solution.Status);
        if (draft is null)
            return;
        Assert.True(solution.Objective <= solution.Bound);
        Assert.True(solution.Objective <= exact.Objective + 1e-6, $"{solution.Objective}, at best {exact.Objective}");
        Assert.Empty(PlanChecker.Faults(space.Problem, PlanAssembler.Assemble(draft, PlanningPolicies.Loki, Solver(space.Problem).Proof(solution, "accuracy"), [])));
    }

    [Theory]
    [MemberData(nameof(LightSeeds))]
    public void Solve_RandomProblem_NoPlanIsBetterThanTheFractionalOne(int seed)
    {
        var problem = Synthetic.Random(seed);
        var space = PlanningSpace.Create(problem);
        var plan = new LokiPolicy(Managed).Plan(problem, TestContext.Current.CancellationToken);
        Assert.All(plan.ServedShare, s => Assert.Equal(1, s, 1e-9));

        var fractional = new FractionalPlan(space, p => Managed.Solve(p));
        fractional.Solve(1e-6);

        Assert.InRange(fractional.Bound, plan.Accuracy - 1e-6, 1 + 1e-6);
        Assert.Equal(fractional.Bound, fractional.Taken(1).Sum(t => t.Share * t.Choice.Accuracy), 1e-5);
    }

    // 11 q/s each for six: 6.6 of the 7 slots if they could be divided, all with the accurate variant. Whole, that takes two slots each; the other
    // variant, one. So one pipeline has two slots of the accurate one, or one of each: 1 and five times 0.5.
    [Fact]
    public void Run_WholeSlotsNeedAVariantThatDividedOnesDoNot_StillFindsThePlan()
    {
        var pipelines = Enumerable.Range(0, 6).Select(i => TestPipelines.Read($$"""
            { "name": "p{{i}}", "sloMs": 1000, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [ {"name": "t", "variants": [{"name": "poor{{i}}", "model": "m", "accuracy": 0.5}, {"name": "good{{i}}", "model": "m", "accuracy": 1}]} ] }
            """)).ToArray();
        var problem = new PlanningProblem
        {
            Pipelines = [.. pipelines.Select(p => new PipelineDemand(p, 11, FanOut.One(p)))],
            Devices = [new DeviceType("d", 7)],
            Options = new PlanningOptions { Utilization = 1, FanOutHeadroom = 1 },
            Profile = new LatencyProfile([.. Enumerable.Range(0, 6).SelectMany(i => new[] { Row($"poor{i}", 50), Row($"good{i}", 100) })]),
        };

        var (solution, draft) = Search(PlanningSpace.Create(problem)).Run();

        Assert.NotNull(draft);
        Assert.Equal((1 + (5 * 0.5)) / 6, solution.Objective, 1e-6);
        Assert.Equal(1, solution.Bound, 1e-6);
        Assert.Equal(SolveStatus.Feasible, solution.Status);

        static ProfileRow Row(string variant, double ms) => new(variant, "d", 1, ms, ms, ms, ms);
    }

    [Theory]
    [InlineData(4, 0.02)]
    [InlineData(9, 0.06)]
    public void Plan_ClusterBeyondTheMostAccurateVariants_ServesAllCloseToTheBound(double load, double gap)
    {
        var problem = Cluster(load);

        var plan = new LokiPolicy(Managed).Plan(problem, TestContext.Current.CancellationToken);

        Assert.Equal("accuracy", plan.Proof.Step);
        Assert.All(plan.ServedShare, s => Assert.Equal(1, s, 1e-9));
        Assert.InRange(plan.Proof.Gap, 0, gap);
        Assert.Empty(PlanChecker.Faults(problem, plan));
    }

    private static PlanSolver Solver(PlanningProblem problem) => new(Managed, null, problem.Options, TestContext.Current.CancellationToken);

    private static ClusterSearch Search(PlanningSpace space) =>
        new(space, 1e-3, p => Managed.Solve(p), (program, _) => Solver(space.Problem).Solve(program));

    // 250 slots of each of 4 kinds, 20 pipelines of 3 tasks, chains and forks, 6 variants each.
    private static PlanningProblem Cluster(double load)
    {
        var random = new Random(1);
        var pipelines = Enumerable.Range(0, 20)
            .Select(i => (Synthetic.Pipeline($"p{i}", 250, i % 2 == 0 ? [-1, 0, 1] : [-1, 0, 0], 6), Math.Round(load * (20 + (60 * random.NextDouble())), 1))).ToArray();
        return Synthetic.Problem(pipelines, [.. Enumerable.Range(0, 4).Select(d => new DeviceType($"kind{d}", 250))])
            with { Options = new PlanningOptions { RelativeGap = 1e-3, NodeLimit = 40 } };
    }
}

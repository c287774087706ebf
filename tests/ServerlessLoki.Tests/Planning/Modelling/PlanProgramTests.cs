using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Modelling;

public sealed class PlanProgramTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Plan_RandomChain_AsAccurateAsTheBestOfAllBatchChoices(int seed)
    {
        var problem = Chain(new Random(seed));

        var plan = new LokiPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);

        var best = AllBatchChoices.Best(problem);
        if (double.IsNaN(best))
            Assert.Equal("overload", plan.Proof.Step);
        else
            Assert.Equal(best, plan.Accuracy, 2e-6);
    }

    [Fact]
    public void Solve_BestPointOnACutWithRoundingErrors_IsFoundAllTheSame()
    {
        // A cut that was wrong in the eighth digit forbade the best point; the search called the next best optimal.
        var program = new PlanProgram(PlanningSpace.Create(Synthetic.Random(2194)), Goal.MostAccurate).Build();

        var solution = new BranchAndBoundSolver().Solve(program, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SolveStatus.Optimal, solution.Status);
        Assert.Equal(0.4626772452, solution.Objective, 1e-7);
        Assert.Equal(0, solution.Gap, 1e-6);
    }

    // Two stages of up to three variants or three of two, with loads about what the slots carry.
    private static PlanningProblem Chain(Random random)
    {
        var stages = random.Next(2, 4);
        var pipeline = Synthetic.Pipeline("p", random.Next(60, 220), [.. Enumerable.Range(-1, stages)], stages == 2 ? random.Next(2, 4) : 2);
        var problem = Synthetic.Problem([(pipeline, Math.Round(150 + (600 * random.NextDouble()), 1))], [new DeviceType("cpu", random.Next(5, 12))]);
        var fanOut = new FanOut([.. pipeline.Edges.Select(e => pipeline.Tasks[e.From].Variants.Select(_ => Math.Round(0.3 + (2 * random.NextDouble()), 2)).ToImmutableArray())]);
        return problem with
        {
            Pipelines = [problem.Pipelines[0] with { FanOut = fanOut }],
            Options = new PlanningOptions { MaxBatch = 4, RelativeGap = 1e-7 },
        };
    }
}

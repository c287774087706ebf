using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>Pipelines of many tasks, whose response times are too many choices for one exact program.</summary>
public sealed class UnifiedChainTests
{
    /// <summary>A task of a chain takes 2, 3.4 or 5.8 ms for a row; a batch takes much less than its rows one by one.</summary>
    private static PlanningProblem Chain(int tasks, double qps, int slots, double sloFactor = 6)
    {
        var pipeline = Synthetic.Pipeline("p", 2 * tasks * sloFactor, [.. Enumerable.Range(-1, tasks)], 3);
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, qps, FanOut.One(pipeline))],
            Devices = [new DeviceType("cpu", slots)],
            Profile = new LatencyProfile(
                from task in pipeline.Tasks
                from variant in task.Variants
                from batch in new[] { 1, 2, 4, 8, 16 }
                let ms = 2 * Math.Pow(1.7, variant.Index) * (0.4 + (0.6 * batch))
                select new ProfileRow(variant.Name, "cpu", batch, ms, ms, ms, ms)),
        };
    }

    [Theory]
    [InlineData(3, 12)]
    [InlineData(4, 16)]
    [InlineData(5, 20)]
    public void Plan_RoomForTheBest_UsesIt(int tasks, int slots)
    {
        var plan = Plan(Chain(tasks, 300, slots));

        Assert.Equal((1, 1), (plan.ServedShare[0], Math.Round(plan.Accuracy, 9)));
        Assert.InRange(plan.SlotsTaken, 2 * tasks, slots);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void Plan_TwoTasksAndAPlanWithHeadRoomHolds_NoneWithoutTakesItsPlace(int slots)
    {
        var problem = Chain(2, 300, slots);

        var plan = Plan(problem);

        Assert.All(plan.Slots, s => Assert.True(s.WaitUs > 0));
        Assert.Equal(1, plan.ServedShare[0]);
        // There is something to win by a plan without head-room.
        var other = PlanningPolicies.Create(PlanningPolicies.Loki, new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);
        Assert.InRange(plan.Accuracy, 0.1, other.Accuracy - 0.01);
    }

    [Theory]
    [InlineData(3, 120)]
    [InlineData(4, 160)]
    [InlineData(5, 200)]
    public void Search_ManySlots_FindsAPlanWithHeadRoomForTheBest(int tasks, int slots)
    {
        // No other policy plans a wait: this one is the policy's own.
        var plan = Plan(Chain(tasks, 300, slots));

        Assert.All(plan.Slots, s => Assert.True(s.WaitUs > 0));
        Assert.Equal((1, 1), (plan.ServedShare[0], Math.Round(plan.Accuracy, 9)));
    }

    [Theory]
    [InlineData(2, 8)]
    [InlineData(3, 12)]
    [InlineData(4, 24)]
    public void TimeSplit_ItsPlans_ArePlansOfTheWholeSpaceAndOfTheirObjective(int tasks, int slots)
    {
        var problem = Chain(tasks, 60, slots);
        var space = PlanningSpace.Create(problem, burstRows: [[.. Enumerable.Repeat(2.65, tasks)]]);
        var solver = new PlanSolver(new BranchAndBoundSolver(), null, problem.Options, TestContext.Current.CancellationToken);
        var bound = solver.Relaxed(new PlanProgram(space, Goal.MostServed)).Bound;

        var splits = TimeSplit.Of(space).ToList();

        Assert.NotEmpty(splits);
        foreach (var split in splits)
        {
            Assert.All(split.Candidates, c => Assert.Single(c.Levels));
            var (solution, draft) = solver.Solve(new PlanProgram(split, Goal.MostServed));
            Assert.True(solution.Objective <= bound + 1e-6);
            Assert.Empty(PlanChecker.Faults(problem, PlanAssembler.Assemble(draft!, "split", solver.Proof(solution, "served"), [])));
        }
    }

    private static Plan Plan(PlanningProblem problem) => new UnifiedPolicy(new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);
}

using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Profiles;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class PlanningMemoryTests
{
    [Theory]
    [InlineData(1_000)]
    [InlineData(20_000)]
    public void Create_TooManyPaths_KeepsTheBestAndTheFastestVariantOfEachTask(double sloMs)
    {
        var pipeline = Synthetic.Pipeline("chain", sloMs, [-1, 0, 1, 2, 3, 4, 5, 6, 7], 9);
        var problem = Synthetic.Problem([(pipeline, 20.0)], [new DeviceType("cpu", 100)]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var space = PlanningSpace.Create(problem);

        Assert.True(space.IsThinned);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 400_000_000);
        Assert.All(space.Pipelines[0].Candidates, t => Assert.Equal(0, t[0].Variant));
        Assert.InRange(space.Prefixes.Length, 1, 40_000);
        if (sloMs > 10_000)
            Assert.All(space.Pipelines[0].Candidates, t => Assert.Equal(8, t[^1].Variant));
    }

    [Fact]
    public void Plan_IpaLargestRow_AllocatesNoMoreThanAFewMegabytes()
    {
        // 387 million choices of variants, of which dynamic programming keeps a handful per task.
        var pipeline = Synthetic.Pipeline("chain", 3000, [-1, 0, 1, 2, 3, 4, 5, 6, 7], 9);
        var problem = Synthetic.Problem([(pipeline, 20.0)], [new DeviceType("cpu", 10_000)]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var plan = PlanningPolicies.Create(PlanningPolicies.Ipa, new BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 8_000_000);
        Assert.Equal(1, plan.ServedShare[0]);
    }
}

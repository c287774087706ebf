using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Routing;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning;

/// <summary>Head-room is for plans and queues: no query that was taken is given up because of it.</summary>
public sealed class ExpectedLatencyTests
{
    private const double Headroom = 4;
    private static readonly PlanningProblem Measured = Synthetic.Problem(100, 16, -1, 0, 0);
    private static readonly PlanningProblem Careful = Measured with { Profile = Measured.Profile.Scale((_, _) => Headroom), Headroom = Headroom };

    [Fact]
    public void Expected_ProfileWithHeadroom_IsWhatWasMeasured()
    {
        var variant = Measured.Pipelines[0].Pipeline.Root.Variants[0].Name;
        var device = Measured.Devices[0].Name;

        foreach (var batch in Measured.Profile.Find(variant, device)!.Batches.ToArray())
        {
            Assert.Equal(Headroom * Measured.Expected(variant, device)!.LatencyUs(batch), Careful.Profile.Find(variant, device)!.LatencyUs(batch), 6);
            Assert.Equal(Measured.Expected(variant, device)!.LatencyUs(batch), Careful.Expected(variant, device)!.LatencyUs(batch), 6);
        }

        Assert.Null(Careful.Expected("unknown", device));
    }

    [Fact]
    public void Routes_PlanWithHeadroom_LeastTimesAreTheMeasuredOnes()
    {
        var plan = new LokiPolicy(new BranchAndBoundSolver()).Plan(Careful, TestContext.Current.CancellationToken);

        var (careful, measured) = (RoutingTable.Build(Careful, plan), RoutingTable.Build(Measured, plan));

        foreach (var task in Measured.Pipelines[0].Pipeline.Tasks)
        {
            Assert.Equal(measured.MinRemainingUs(0, task.Index), careful.MinRemainingUs(0, task.Index), 6);
            foreach (var option in careful.Options(0, task.Index))
                Assert.Equal(measured.Option(0, task.Index, option.Variant)!.Value.SingleUs, option.SingleUs, 6);
        }
    }
}

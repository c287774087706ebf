using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.Runs;

public sealed class RunRoutesTests
{
    private readonly FakeEngine _engine = new();

    [Fact]
    public void Of_SamePlan_IsBuiltOnce()
    {
        (_engine.Plan, _engine.Problem) = (Plan(1), Problem());
        var routes = new RunRoutes(_engine);

        var (table, index) = routes.Of(TestPipelines.Plain);

        Assert.Equal((1, table), (index, routes.Of(TestPipelines.Plain).Table));
        Assert.Same(table, routes.Of(TestPipelines.Traffic).Table);
        _engine.Plan = Plan(2);
        Assert.NotSame(table, routes.Of(TestPipelines.Traffic).Table);
    }

    [Fact]
    public void Of_NoPlanYet_SaysSo() =>
        Assert.StartsWith("There is no plan yet", Assert.Throws<InvalidOperationException>(() => new RunRoutes(_engine).Of(TestPipelines.Traffic)).Message, StringComparison.Ordinal);

    [Fact]
    public void BestBelow_IsThePipelinesAndMadeOnce()
    {
        var routes = new RunRoutes(_engine);

        Assert.Equal(PipelineAccuracy.BestBelow(TestPipelines.Traffic), routes.BestBelow(TestPipelines.Traffic));
        Assert.Same(routes.BestBelow(TestPipelines.Traffic), routes.BestBelow(TestPipelines.Traffic));
    }

    private static Plan Plan(long version) => new()
    {
        Version = version, Policy = "test", Slots = [new SlotGroup(0, 0, 0, 0, 1, 1, 10, 1, 1000)], Flows = [], ServedShare = [1, 1], Accuracy = 1, DemandQps = [1, 1],
        Proof = new PlanProof(0, 0, "given", 0, "test"),
    };

    private PlanningProblem Problem() => new()
    {
        Pipelines = [.. _engine.Pipelines.Select(p => new PipelineDemand(p.Pipeline, 1, FanOut.One(p.Pipeline)))],
        Devices = [new DeviceType("cpu", 4)],
        Profile = new LatencyProfile([new ProfileRow(TestPipelines.Traffic.Root.Variants[0].Name, "cpu", 1, 1, 1, 1, 1)]),
    };
}

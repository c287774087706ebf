using System.Collections.Concurrent;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Joins in the engine, on fake models.</summary>
public sealed class JoinEngineTests
{
    [Fact]
    public async Task Submit_JoinAll_OneRunOnAllThatArrived()
    {
        var inputs = new ConcurrentBag<StageItem>();
        await using var engine = await TestEngine.StartAsync(pipeline: FusedPipeline.Of("all"), models: FusedPipeline.Models(cars: 2, men: 1, inputs));

        var result = await engine.SubmitAsync();

        Assert.Equal(QueryOutcome.Completed, result.Outcome);
        var fuse = Assert.Single(result.Answers, a => a.Task == 3);
        Assert.Equal((0, -1), (fuse.Parent, fuse.ParentRow));
        // Fan-out order: both cars, then the man.
        Assert.Equal([2, 2, 3], Assert.Single(inputs).Inputs!.Select(i => i.Edge));
        Assert.Equal(0.9 * ((0.8 + 0.8 + 0.6) / 3) * 0.5, result.Accuracy, 1e-9);
        Assert.Equal([0, 1, 1, 2, 3], result.Answers.Select(a => a.Task));
    }

    [Fact]
    public async Task Submit_JoinAllNothingFound_EndsWithoutIt()
    {
        await using var engine = await TestEngine.StartAsync(pipeline: FusedPipeline.Of("all"), models: FusedPipeline.Models(cars: 0, men: 0, []));

        var result = await engine.SubmitAsync();

        Assert.Equal((QueryOutcome.Completed, 1, 0.9), (result.Outcome, result.Answers.Count, result.Accuracy));
    }

    [Fact]
    public async Task Submit_OneBranchEmpty_JoinRunsOnTheOther()
    {
        var inputs = new ConcurrentBag<StageItem>();
        await using var engine = await TestEngine.StartAsync(pipeline: FusedPipeline.Of("all"), models: FusedPipeline.Models(cars: 0, men: 2, inputs));

        await engine.SubmitAsync();

        Assert.Equal([3, 3], Assert.Single(inputs).Inputs!.Select(i => i.Edge));
    }

    [Fact]
    public async Task Submit_JoinEach_RowPerArrivalAndItsParentIsNamed()
    {
        await using var engine = await TestEngine.StartAsync(pipeline: FusedPipeline.Of("each"), models: FusedPipeline.Models(cars: 2, men: 1, []));

        var result = await engine.SubmitAsync();

        Assert.Equal(3, result.Answers.Count(a => a.Task == 3));
        var outputs = PipelineOutputs.Of(engine.Engine.Pipelines[0].Pipeline, result);
        var from = outputs.Single(o => o.Name == "fuse.from").Bytes.Span;
        Assert.Equal("car", System.Text.Encoding.UTF8.GetString(from.Slice(4, 3)));
        Assert.Equal(3 * 7, from.Length);
    }

    /// <summary>The simulator and the engine count the same rows, whatever the children are.</summary>
    [Theory]
    [InlineData("all", 3, 1)]
    [InlineData("all", 0, 2)]
    [InlineData("all", 0, 0)]
    [InlineData("each", 2, 1)]
    public async Task Submit_ManyQueries_SameRowsAsSimulated(string rule, int cars, int men)
    {
        const int Queries = 40;
        var served = new ConcurrentDictionary<int, int>();
        var models = FusedPipeline.Models(cars, men, []);
        models.OnFill = item => served.AddOrUpdate(item.Task, 1, (_, n) => n + 1);
        await using var engine = await TestEngine.StartAsync(pipeline: FusedPipeline.Of(rule), models: models);
        var results = await Task.WhenAll(Enumerable.Range(0, Queries).Select(_ => engine.SubmitAsync(latency: TimeSpan.FromMinutes(5)).AsTask()));
        Assert.All(results, r => Assert.Equal(QueryOutcome.Completed, r.Outcome));

        var graph = engine.Engine.Pipelines[0].Pipeline;
        var problem = new PlanningProblem
        {
            Pipelines = [new PipelineDemand(graph, 10, new FanOut([[cars], [men], [1], [1]]))],
            Devices = [new DeviceType("cpu", 6)],
            Profile = TestEngine.Profile(graph, 10),
        };
        var simulated = Simulator.Run(new SimulationProblem
        {
            Cluster = problem,
            Plan = PlanningPolicies.Create("loki", new Solver.BranchAndBoundSolver()).Plan(problem, TestContext.Current.CancellationToken),
            Arrivals = Arrivals.Recorded([.. Enumerable.Range(0, Queries).Select(i => i * 1_000_000L)]),
        }, TestContext.Current.CancellationToken);

        Assert.Equal(Queries, simulated.Total.OnTime);
        Assert.Equal(
            simulated.Stages.GroupBy(s => s.Task).ToDictionary(g => g.Key, g => (int)g.Sum(s => s.Rows)).OrderBy(p => p.Key),
            served.OrderBy(p => p.Key));
    }
}

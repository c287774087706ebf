using System.Collections.Concurrent;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Api;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Tests.Dispatch;

/// <summary>Joins in the engine, on fake models.</summary>
public sealed class JoinEngineTests
{
    // "look" finds things; cars go to "car", people to "man", and "fuse" sees all of one picture.
    private const string Fused = """
        { "name": "p", "sloMs": 1000, "input": { "name": "image", "datatype": "UINT8", "shape": [-1, -1, 3] },
          "tasks": [
            { "name": "look", "output": { "kind": "detections", "labels": ["car", "man"] }, "variants": [ { "name": "look-l", "model": "a", "accuracy": 0.9 } ] },
            { "name": "car", "output": { "kind": "classification", "labels": ["van", "bus"] }, "variants": [ { "name": "car-l", "model": "c", "accuracy": 0.8 } ] },
            { "name": "man", "output": { "kind": "classification", "labels": ["tall", "short"] }, "variants": [ { "name": "man-l", "model": "e", "accuracy": 0.6 } ] },
            { "name": "fuse", "join": "JOIN", "output": { "kind": "classification", "labels": ["calm", "busy"] }, "variants": [ { "name": "fuse-l", "model": "f", "accuracy": 0.5 } ] } ],
          "edges": [
            { "from": "look", "to": "car", "labels": ["car"], "transforms": [ { "name": "crop-resize" } ] },
            { "from": "look", "to": "man", "labels": ["man"], "transforms": [ { "name": "crop-resize" } ] },
            { "from": "car", "to": "fuse" PART },
            { "from": "man", "to": "fuse" PART } ] }
        """;

    internal static string Join(string rule) => Fused.Replace("JOIN", rule, StringComparison.Ordinal)
        .Replace("PART", rule == "all" ? ", \"transforms\": [ { \"name\": \"concat\", \"rows\": 2, \"size\": 6 } ]" : "", StringComparison.Ordinal);

    [Fact]
    public async Task Submit_JoinAll_OneRunOnAllThatArrived()
    {
        var inputs = new ConcurrentBag<StageItem>();
        await using var engine = await TestEngine.StartAsync(pipeline: Join("all"), models: Models(cars: 2, men: 1, inputs));

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
        await using var engine = await TestEngine.StartAsync(pipeline: Join("all"), models: Models(cars: 0, men: 0, []));

        var result = await engine.SubmitAsync();

        Assert.Equal((QueryOutcome.Completed, 1, 0.9), (result.Outcome, result.Answers.Count, result.Accuracy));
    }

    [Fact]
    public async Task Submit_OneBranchEmpty_JoinRunsOnTheOther()
    {
        var inputs = new ConcurrentBag<StageItem>();
        await using var engine = await TestEngine.StartAsync(pipeline: Join("all"), models: Models(cars: 0, men: 2, inputs));

        await engine.SubmitAsync();

        Assert.Equal([3, 3], Assert.Single(inputs).Inputs!.Select(i => i.Edge));
    }

    [Fact]
    public async Task Submit_JoinEach_RowPerArrivalAndItsParentIsNamed()
    {
        await using var engine = await TestEngine.StartAsync(pipeline: Join("each"), models: Models(cars: 2, men: 1, []));

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
        var models = Models(cars, men, []);
        models.OnFill = item => served.AddOrUpdate(item.Task, 1, (_, n) => n + 1);
        await using var engine = await TestEngine.StartAsync(pipeline: Join(rule), models: models);
        var results = await Task.WhenAll(Enumerable.Range(0, Queries).Select(_ => engine.SubmitAsync().AsTask()));
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

    internal static FakeModels Models(int cars, int men, ConcurrentBag<StageItem> fused) => new()
    {
        Rows = (id, _) => id.Task == 0
            ? [.. Enumerable.Repeat(new OutputRow(0, 0.9f, 0, 0, 1, 1), cars), .. Enumerable.Repeat(new OutputRow(1, 0.9f, 0, 0, 1, 1), men)]
            : [new OutputRow(0, 0.9f, 0, 0, 0, 0)],
        OnFill = item =>
        {
            if (item.Task == 3)
                fused.Add(item);
        },
    };
}

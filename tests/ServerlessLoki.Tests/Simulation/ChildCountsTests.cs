using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Simulation;

public sealed class ChildCountsTests
{
    [Fact]
    public void Run_RecordedCounts_ComeTogetherOnAllEdges()
    {
        var cluster = SimCases.Cluster(
            [Fork()], new DeviceType("d", 3), SimCases.Row("a", 1, 1), SimCases.Row("b", 1, 1), SimCases.Row("c", 1, 1));
        var plan = SimCases.Plan(cluster, (0, 0, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0), (0, 2, 0, 1, 1, 0));
        var counts = new ChildCounts(new Dictionary<(int, int), ImmutableArray<int>> { [(0, 0)] = [0, 3], [(1, 0)] = [0, 2] });

        var (result, queries) = SimCases.Trace(new SimulationProblem
        {
            Cluster = cluster,
            Plan = plan,
            Arrivals = Arrivals.Recorded(Enumerable.Range(0, 400).Select(i => i * 20_000L)),
            Options = new SimulationOptions { Admission = AdmissionRule.All },
            Recorded = [counts],
        });

        // Alone a root takes 1 ms; with three and two children on a slot each, 4 ms. Nothing between: the counts were not drawn apart.
        Assert.Equal([1_000, 4_000], queries.Select(q => q.LatencyUs).Distinct().Order());
        Assert.InRange(queries.Count(q => q.LatencyUs == 4_000), 150, 250);
        Assert.Equal(queries.Count(q => q.LatencyUs == 4_000) * 3, result.Stages.Single(s => s.Task == 1).Rows);
    }

    [Fact]
    public void Run_ArrivalsThatNameTheirRecord_HaveItsChildren()
    {
        var cluster = SimCases.Cluster(
            [Fork()], new DeviceType("d", 3), SimCases.Row("a", 1, 1), SimCases.Row("b", 1, 1), SimCases.Row("c", 1, 1));
        var problem = new SimulationProblem
        {
            Cluster = cluster,
            Plan = SimCases.Plan(cluster, (0, 0, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0), (0, 2, 0, 1, 1, 0)),
            Arrivals = new RecordedArrivals([.. Enumerable.Range(0, 9).Select(i => new Arrival(i * 20_000L, Record: i % 3))]),
            Options = new SimulationOptions { Admission = AdmissionRule.All },
            Recorded = [new ChildCounts(new Dictionary<(int, int), ImmutableArray<int>> { [(0, 0)] = [0, 3, 1], [(1, 0)] = [0, 2, 1] })],
        };

        Assert.Equal([1_000L, 4_000, 2_000, 1_000, 4_000, 2_000, 1_000, 4_000, 2_000], SimCases.Trace(problem).Queries.Select(q => q.LatencyUs));

        var unknown = problem with { Arrivals = new RecordedArrivals([new Arrival(0, Record: 3)]) };
        Assert.Contains("recorded parent 3", Assert.Throws<ArgumentException>(() => SimCases.Trace(unknown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_EmptyAndNegative_ListsBoth()
    {
        var error = Assert.Throws<ArgumentException>(() => new ChildCounts(
            new Dictionary<(int, int), ImmutableArray<int>> { [(0, 0)] = [], [(1, 2)] = [1, -4] }));

        Assert.Contains("edge 0, variant 0: no parent", error.Message, StringComparison.Ordinal);
        Assert.Contains("edge 1, variant 2: a count of -4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_RecordsOfDifferentParents_AreRefused()
    {
        var cluster = SimCases.Cluster(
            [Fork()], new DeviceType("d", 3), SimCases.Row("a", 1, 1), SimCases.Row("b", 1, 1), SimCases.Row("c", 1, 1));
        var counts = new ChildCounts(new Dictionary<(int, int), ImmutableArray<int>> { [(0, 0)] = [0, 3], [(1, 0)] = [0, 2, 1] });

        var error = Assert.Throws<ArgumentException>(() => SimCases.Trace(new SimulationProblem
        {
            Cluster = cluster,
            Plan = SimCases.Plan(cluster, (0, 0, 0, 1, 1, 0), (0, 1, 0, 1, 1, 0), (0, 2, 0, 1, 1, 0)),
            Arrivals = Arrivals.Recorded([0]),
            Recorded = [counts],
        }));

        Assert.Contains("edges from ta, variant a", error.Message, StringComparison.Ordinal);
    }

    private static Pipeline Fork() => TestPipelines.Read(new JsonObject
    {
        ["name"] = "fork",
        ["sloMs"] = 1000,
        ["input"] = new JsonObject { ["name"] = "x", ["datatype"] = "FP32", ["shape"] = new JsonArray(-1) },
        ["tasks"] = new JsonArray([.. new[] { "a", "b", "c" }.Select(n => (JsonNode)new JsonObject
        {
            ["name"] = $"t{n}",
            ["variants"] = new JsonArray(new JsonObject { ["name"] = n, ["model"] = "m.onnx", ["accuracy"] = 0.9 }),
        })]),
        ["edges"] = new JsonArray(
            new JsonObject { ["from"] = "ta", ["to"] = "tb" }, new JsonObject { ["from"] = "ta", ["to"] = "tc" }),
    }.ToJsonString());
}

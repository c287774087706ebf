using ServerlessLoki.Pipelines;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Pipelines;

public sealed class PipelineReaderTests
{
    internal const string Traffic =
        """
        { // Editors allow comments.
          "$schema": "pipeline.schema.json", "name": "traffic", "sloMs": 400,
          "input": {"name": "image", "datatype": "UINT8", "shape": [-1, -1, 3]},
          "tasks": [
            { "name": "classify-vehicle", "output": {"kind": "classification", "labels": ["bus", "van"]},
              "variants": [ {"name": "cv-s", "model": "models/cv-s.onnx", "accuracy": 0.8} ] },
            { "name": "detect", "output": {"kind": "detections", "tensor": "detections", "labels": ["car", "person"], "minScore": 0.3},
              "variants": [ {"name": "detect-n", "model": "models/detect-n.onnx", "accuracy": 0.71, "measured": "mAP on 2,000 scenes"},
                            {"name": "detect-x", "model": "models/detect-x.onnx", "accuracy": 0.93} ] } ],
          "edges": [ {"from": "detect", "to": "classify-vehicle", "labels": ["car"],
                      "transforms": [{"name": "top-k", "k": 8}, {"name": "crop-resize", "margin": 0.1}]} ]
        }
        """;

    internal static string[] Faults(string json, params string[] transforms)
    {
        var refused = Assert.Throws<PipelineFormatException>(() => PipelineReader.Read(json, "p.json", transforms.Length == 0 ? null : transforms));
        Assert.StartsWith("p.json: ", refused.Message, StringComparison.Ordinal);
        return [.. refused.Faults.Select(f => f.ToString())];
    }

    internal static string Tasks(string tasks, string edges = "[]") =>
        $$"""{ "name": "p", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]}, "tasks": {{tasks}}, "edges": {{edges}} }""";

    internal static string Task(string name) => $$"""{"name": "{{name}}", "variants": [{"name": "{{name}}-v", "model": "m", "accuracy": 1}]}""";

    [Fact]
    public void Read_TaskNameWithAPoint_IsRefused() => Assert.Equal(
        "$.tasks[0].name: a task's name has no '.', which divides it from its outputs; found \"a.label\"; allowed: 1 to 64 letters, digits, '-' or '_', beginning with a letter or digit",
        Assert.Single(Faults(Tasks($"[{Task("a.label")}]", "[]"))));

    [Fact]
    public void Read_GoodFile_TasksInTopologicalOrder()
    {
        var pipeline = PipelineReader.Read(Traffic, "traffic.json", ["top-k", "crop-resize"]);

        Assert.Equal((400_000, "detect"), (pipeline.SloUs, pipeline.Root.Name));
        Assert.Equal(["detect", "classify-vehicle"], pipeline.Tasks.Select(t => t.Name));
        Assert.Equal([0, 1], pipeline.Tasks.Select(t => t.Index));
        Assert.True(pipeline.Input.IsImage);
        var edge = Assert.Single(pipeline.Root.Outgoing);
        Assert.Equal((0, 1, 0), (edge.From, edge.To, edge.Labels.Single()));
        Assert.Equal(8, edge.Transforms[0].Number("k", 0));
        Assert.Same(edge, pipeline.Tasks[1].Incoming.Single());
        Assert.Equal(new TaskOutput(TaskOutputKind.Detections, "detections", pipeline.Root.Output.Labels, 0.3), pipeline.Root.Output);
        Assert.Equal("detect-x", pipeline.Root.MostAccurate.Name);
        Assert.Equal("mAP on 2,000 scenes", pipeline.Root.Variants[0].Measured);
    }

    [Fact]
    public void Read_SyntaxError_LineAndColumn() =>
        Assert.StartsWith("line 2, column", Assert.Single(Faults("{ \"name\": \"p\",\n  \"sloMs\": }")), StringComparison.Ordinal);

    [Fact]
    public void Read_ManyFaults_AllListedWithPathFoundAndAllowed()
    {
        var faults = Faults(
            """
            { "nam": "p", "sloMs": 0, "input": {"name": "", "datatype": "float", "shape": [0, "a"]},
              "tasks": [ {"name": "a b", "variants": []}, {"name": "c", "variants": [{"name": "v", "accuracy": 1.5}, {"name": "v", "model": "m", "accuracy": "high"}]} ],
              "edges": [ {"from": "d", "to": "c", "labels": []} ] }
            """);

        Assert.Equal(
            [
                "$.nam: unknown key; found \"nam\"; allowed: $schema, name, sloMs, input, parameters, tasks, edges (did you mean \"name\"?)",
                "$.name: the key is missing; allowed: a name",
                "$.sloMs: the number is out of range; found 0; allowed: from 1 to 3600000",
                "$.input.name: the text is empty; found \"\"; allowed: a text that is not empty",
                "$.input.datatype: unknown value; found \"float\"; allowed: BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BYTES",
                "$.input.shape[0]: a dimension of 0 holds nothing; found 0; allowed: -1 or at least 1",
                "$.input.shape[1]: wrong type; found \"a\"; allowed: a whole number from -1 to 2147483647",
                "$.tasks[0].name: not a name; found \"a b\"; allowed: 1 to 64 letters, digits, '-', '_' or '.', beginning with a letter or digit",
                "$.tasks[0].variants: the task has no variant; found an empty array; allowed: at least one variant",
                "$.tasks[1].variants[0].model: the key is missing; allowed: path of an ONNX file",
                "$.tasks[1].variants[0].accuracy: the number is out of range; found 1.5; allowed: from 0 to 1",
                "$.tasks[1].variants[1].name: two variants have the same name; found \"v\"; allowed: names that are unique in the pipeline",
                "$.tasks[1].variants[1].accuracy: wrong type; found \"high\"; allowed: a number from 0 to 1",
                "$.edges[0].from: there is no such task; found \"d\"; allowed: a b, c",
                "$.edges[0].labels: no label would pass; found an empty array; allowed: at least one label, or leave the key out to let all pass",
            ],
            faults);
    }

    [Theory]
    [InlineData("null", "$: wrong type; found null; allowed: an object")]
    [InlineData("[]", "$: wrong type; found an array of 0; allowed: an object")]
    public void Read_NotAnObject_OneFault(string json, string fault) => Assert.Equal([fault], Faults(json));

    [Fact]
    public void Read_ModelPathWithNul_IsAFault() => Assert.Contains(
        Faults(Traffic.Replace("detect-n.onnx", "a\\u0000b", StringComparison.Ordinal)),
        f => f.Contains("the path holds a NUL character, which no file's name can; found \"models/a\\u0000b\"", StringComparison.Ordinal));

    [Fact]
    public void Read_KeyTwice_IsAFault() =>
        Assert.Contains("$.name: the key stands twice in one object", Faults(Traffic.Replace("\"sloMs\": 400", "\"name\": \"again\"", StringComparison.Ordinal)));

    [Fact]
    public void Read_UnknownLabelAndTransform_SaysWhatThereIs()
    {
        var faults = Faults(Traffic.Replace("[\"car\"]", "[\"cars\"]", StringComparison.Ordinal), "crop-resize", "identity");

        Assert.Equal(
            [
                "$.edges[0].labels[0]: task \"detect\" has no such label; found \"cars\"; allowed: car, person (did you mean \"car\"?)",
                "$.edges[0].transforms[0].name: there is no such transform; found \"top-k\"; allowed: crop-resize, identity",
            ],
            faults);
    }

    [Fact]
    public void Read_Cycle_NamesIt() =>
        Assert.Contains("the graph has a cycle; found b → c → b", Assert.Single(Faults(Tasks(
            $"[{Task("a")}, {Task("b")}, {Task("c")}]",
            """[{"from": "a", "to": "b"}, {"from": "b", "to": "c"}, {"from": "c", "to": "b"}]"""))), StringComparison.Ordinal);

    [Fact]
    public void Read_EdgeToItself_IsAFault() =>
        Assert.Contains("itself", Assert.Single(Faults(Tasks($"[{Task("a")}]", """[{"from": "a", "to": "a"}]"""))), StringComparison.Ordinal);

    [Fact]
    public void Read_TwoRoots_SaysWhichTaskNobodyReaches() =>
        Assert.StartsWith("$.tasks[1]: no edge leads to task \"b\"", Assert.Single(Faults(Tasks($"[{Task("a")}, {Task("b")}]"))), StringComparison.Ordinal);

    private const string DiamondEdges =
        """[{"from": "a", "to": "b"}, {"from": "a", "to": "c"}, {"from": "b", "to": "d"}, {"from": "c", "to": "d"}]""";

    [Fact]
    public void Read_Diamond_EachWayIsAVisit()
    {
        var pipeline = TestPipelines.Read(Tasks($"[{Task("a")}, {Task("b")}, {Task("c")}, {Task("d")}]", DiamondEdges));

        Assert.Equal([0, 1, 2, 3, 3], pipeline.Visits.Select(v => v.Task));
        Assert.Equal(["b", "c"], pipeline.Visits.Where(v => v.Task == 3).Select(v => pipeline.Tasks[v.Parent!.Task].Name));
        Assert.False(pipeline.IsTree);
        Assert.False(pipeline.Tasks[3].IsJoin);
    }

    [Fact]
    public void Read_Tree_OneVisitPerTask()
    {
        var pipeline = TestPipelines.Read(Traffic);

        Assert.Equal(pipeline.Tasks.Select(t => t.Index), pipeline.Visits.Select(v => v.Task));
        Assert.True(pipeline.IsTree);
    }

    [Fact]
    public void Read_JoinAll_PerTheNearestTaskOfAllWays()
    {
        var pipeline = TestPipelines.Read(Tasks(
            $"[{Task("r")}, {Task("a")}, {Task("b")}, {Task("c")}, {Joining("d")}]", """[{"from": "r", "to": "a"}, """ + DiamondEdges[1..]));

        Assert.Equal("a", pipeline.Tasks[pipeline.FindTask("d")!.JoinsPer!.Value].Name);
        Assert.Equal([4], pipeline.Joins[1]);
        Assert.True(pipeline.Reaches(1, 4));
        Assert.False(pipeline.Reaches(4, 1));
    }

    [Fact]
    public void Read_JoinAllPer_PerThatTask()
    {
        var pipeline = TestPipelines.Read(Tasks(
            $"[{Task("r")}, {Task("a")}, {Joining("d", "r")}]", """[{"from": "r", "to": "a"}, {"from": "a", "to": "d"}]"""));

        Assert.Equal(0, pipeline.FindTask("d")!.JoinsPer);
    }

    [Fact]
    public void Read_JoinFaults_AllInOneGo()
    {
        var faults = Faults(Tasks(
            $"[{Joining("a")}, {Task("b")}, {Task("c")}, {Joining("d", "b")}]", DiamondEdges));

        Assert.Equal(
            [
                "$.tasks[0].join: the root has no branches to join; found \"all\"; allowed: a task with incoming edges",
                "$.tasks[3].per: not every way to the task leads through it; found \"b\"; allowed: a",
            ],
            faults);
    }

    [Fact]
    public void Read_PerWithoutJoin_IsAFault() =>
        Assert.Contains("$.tasks[1].per: only a task that joins all branches", Assert.Single(Faults(Tasks(
            $"[{Task("a")}, {Joining("b", "a").Replace("\"all\"", "\"each\"", StringComparison.Ordinal)}]", """[{"from": "a", "to": "b"}]"""))), StringComparison.Ordinal);

    [Fact]
    public void Read_TooManyWays_IsRefused()
    {
        // Seven diamonds in a row: 2⁷ ways.
        var tasks = Enumerable.Range(0, 7).SelectMany(i => new[] { Task($"s{i}"), Task($"l{i}"), Task($"r{i}") }).Append(Task("s7"));
        var edges = Enumerable.Range(0, 7).SelectMany(i => new[] { ($"s{i}", $"l{i}"), ($"s{i}", $"r{i}"), ($"l{i}", $"s{i + 1}"), ($"r{i}", $"s{i + 1}") })
            .Select(e => $$"""{"from": "{{e.Item1}}", "to": "{{e.Item2}}"}""");

        Assert.StartsWith(
            "$.tasks[21]: too many ways lead from the root to the leaves; found 128; allowed: at most 64",
            Assert.Single(Faults(Tasks($"[{string.Join(", ", tasks)}]", $"[{string.Join(", ", edges)}]"))), StringComparison.Ordinal);
    }

    private static string Joining(string name, string? per = null) =>
        Task(name).Replace("\"variants\"", $"\"join\": \"all\", {(per is null ? "" : $"\"per\": \"{per}\", ")}\"variants\"", StringComparison.Ordinal);

    [Fact]
    public void Read_SameEdgeTwice_IsAFault() =>
        Assert.Contains("stands already at $.edges[0]", Assert.Single(Faults(Tasks(
            $"[{Task("a")}, {Task("b")}]", """[{"from": "a", "to": "b"}, {"from": "a", "to": "b"}]"""))), StringComparison.Ordinal);
}

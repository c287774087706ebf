using ServerlessLoki.Pipelines;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Pipelines;

public sealed class PipelineReaderTests
{
    private const string Traffic =
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

    private static string[] Faults(string json, params string[] transforms)
    {
        var refused = Assert.Throws<PipelineFormatException>(() => PipelineReader.Read(json, "p.json", transforms.Length == 0 ? null : transforms));
        Assert.StartsWith("p.json: ", refused.Message, StringComparison.Ordinal);
        return [.. refused.Faults.Select(f => f.ToString())];
    }

    private static string Tasks(string tasks, string edges = "[]") =>
        $$"""{ "name": "p", "sloMs": 100, "input": {"name": "x", "datatype": "FP32", "shape": [-1]}, "tasks": {{tasks}}, "edges": {{edges}} }""";

    private static string Task(string name) => $$"""{"name": "{{name}}", "variants": [{"name": "{{name}}-v", "model": "m", "accuracy": 1}]}""";

    [Fact]
    public void Read_TaskNameWithAPoint_IsRefused() => Assert.Equal(
        "$.tasks[0].name: a task's name has no '.', which divides it from its outputs; found \"a.label\"; allowed: 1 to 64 letters, digits, '-' or '_', beginning with a letter or digit",
        Assert.Single(Faults(Tasks($"[{Task("a.label")}]", "[]"))));

    [Fact]
    public void Read_ScoresOfAClassification_MayBeLogits()
    {
        var said = PipelineReader.Read(Traffic.Replace("\"classification\"", "\"classification\", \"scores\": \"sigmoid\", \"topK\": 3", StringComparison.Ordinal), "t").FindTask("classify-vehicle")!.Output;
        Assert.Equal((ScoreForm.Sigmoid, 3), (said.Scores, said.TopK));
        Assert.Equal((ScoreForm.Probabilities, null), (PipelineReader.Read(Traffic, "t").FindTask("classify-vehicle")!.Output.Scores, PipelineReader.Read(Traffic, "t").FindTask("classify-vehicle")!.Output.TopK));
        Assert.Contains(
            "$.tasks[1].output.scores: only a classification's scores may be logits; found \"logits\"; allowed: probabilities",
            Faults(Traffic.Replace("\"tensor\": \"detections\",", "\"scores\": \"logits\",", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_HowPicturesAreTaken_OfTheTaskAndOverItOfAVariant()
    {
        const string Said = """
            "name": "detect", "input": {"kind": "image", "resize": "letterbox", "fill": 0, "channels": "bgr", "scale": 1, "mean": [104, 117, 123]},
            """;
        var variants = PipelineReader.Read(
            Traffic.Replace("\"name\": \"detect\",", Said, StringComparison.Ordinal)
                .Replace("\"accuracy\": 0.93", "\"accuracy\": 0.93, \"input\": {\"kind\": \"image\", \"resize\": \"center-crop\", \"crop\": 0.875, \"std\": [58]}", StringComparison.Ordinal), "t").Root.Variants;

        var task = new ImageForm { Fit = ImageFit.Letterbox, Fill = 0, Channels = ImageChannels.Bgr, Scale = 1, Mean = [104, 117, 123] };
        Assert.Equal(task, variants[0].Input.Image);
        Assert.Equal(task with { Fit = ImageFit.CenterCrop, Crop = 0.875, Deviation = [58] }, variants[1].Input.Image);
        Assert.All(PipelineReader.Read(Traffic, "t").Tasks.SelectMany(static t => t.Variants), static v => Assert.Equal(TaskInput.None, v.Input));
    }

    [Fact]
    public void Read_HowTextsAreTaken_OfTheTaskAndOverItOfAVariant()
    {
        const string Said = """
            "name": "detect", "input": {"kind": "text", "tokenizer": "vocab.txt", "lowerCase": false, "maxLength": 128, "last": ["</s>"], "tensors": {"ids": "x"}},
            """;
        var variants = PipelineReader.Read(
            Traffic.Replace("\"name\": \"detect\",", Said, StringComparison.Ordinal)
                .Replace("\"accuracy\": 0.93", "\"accuracy\": 0.93, \"input\": {\"kind\": \"text\", \"maxLength\": 64}", StringComparison.Ordinal), "t").Root.Variants;

        var form = variants[0].Input.Text!;
        Assert.Equal(("vocab.txt", (bool?)false, 128, 16, "x"), (form.Tokenizer, form.IsLowerCase, form.MaxLength, form.PadTo, form.Tensors["ids"]));
        Assert.Equal(["</s>"], form.Last!.Value.AsEnumerable());
        Assert.Null(form.First);
        Assert.Equal(("vocab.txt", 64), (variants[1].Input.Text!.Tokenizer, variants[1].Input.Text!.MaxLength));
    }

    [Fact]
    public void Read_HowTextsAreTaken_ListsEveryFault()
    {
        const string Said = """
            "name": "detect", "input": {"kind": "text", "maxLength": 1, "padTo": 0, "pad": 3, "tensors": {"id": "x"}, "scale": 1},
            """;
        Assert.Equal(
            ["scale", "tokenizer", "maxLength", "padTo", "pad", "tensors.id"],
            Faults(Traffic.Replace("\"name\": \"detect\",", Said, StringComparison.Ordinal)).Select(static f => f["$.tasks[1].input.".Length..f.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Fact]
    public void Read_HowPicturesAreTaken_ListsEveryFault()
    {
        const string Said = """
            "name": "detect", "input": {"kind": "image", "fill": 300, "crop": 0.5, "channels": "rgba", "scale": 0, "mean": [1, 2], "std": [0]},
            """;
        Assert.Equal(
            ["channels", "scale", "mean", "std[0]", "fill", "fill", "crop"],
            Faults(Traffic.Replace("\"name\": \"detect\",", Said, StringComparison.Ordinal)).Select(static f => f["$.tasks[1].input.".Length..f.IndexOf(':', StringComparison.Ordinal)]));
    }

    [Fact]
    public void Read_HowDetectionsAreMade_IsKept()
    {
        const string Said = """
            "decoder": "ssd", "tensors": {"boxes": "b", "scores": "s"}, "boxes": "cxcywh", "normalised": false, "nms": 0.6, "nmsOver": "all", "maxDetections": 20,
            """;

        var found = PipelineReader.Read(Traffic.Replace("\"tensor\": \"detections\",", Said, StringComparison.Ordinal), "t").Root.Output.Detections;

        Assert.Equal(["boxes=b", "scores=s"], found.Tensors.Select(t => $"{t.Key}={t.Value}"));
        Assert.Equal(
            DetectionOutput.Default with { Decoder = "ssd", Tensors = found.Tensors, Boxes = BoxForm.Cxcywh, IsNormalised = false, Nms = 0.6, IsNmsOverAll = true, MaxDetections = 20 },
            found);
        Assert.Equal(DetectionOutput.Default, PipelineReader.Read(Traffic, "t").Root.Output.Detections);
    }

    [Fact]
    public void Read_HowDetectionsAreMade_OfAnotherKindOrOutOfRange_ListsEveryFault()
    {
        const string Said = """
            "decoder": "", "tensors": {"boxes": 1}, "boxes": "xxyy", "normalised": 1, "nms": 1.5, "nmsOver": "none", "maxDetections": 0,
            """;

        Assert.Equal(
            ["decoder", "boxes", "normalised", "nms", "nmsOver", "maxDetections", "tensors.boxes"],
            Faults(Traffic.Replace("\"tensor\": \"detections\",", Said, StringComparison.Ordinal)).Select(f => f.Split(':')[0]["$.tasks[1].output.".Length..]));
        Assert.Contains(
            "$.tasks[0].output.nms: only detections are read so; allowed: \"kind\": \"detections\" beside it, or leave the key out",
            Faults(Traffic.Replace("\"classification\"", "\"classification\", \"nms\": 0.5", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_HowVectorsTextsAndAnswersAreMade_IsKept()
    {
        static TaskOutput Of(string output) => PipelineReader.Read(Traffic.Replace(
            "\"output\": {\"kind\": \"classification\", \"labels\": [\"bus\", \"van\"]}", $"\"output\": {output}", StringComparison.Ordinal), "t").FindTask("classify-vehicle")!.Output;

        Assert.Equal(new EmbeddingForm { Pooling = Pooling.Cls, IsNormalised = false }, Of("""{"kind": "embedding", "pooling": "cls", "normalise": false}""").Embedding);
        Assert.Equal(
            new TextResultForm { Dictionary = "k.txt", IsBlankLast = true, HasSpace = true }, Of("""{"kind": "text", "dictionary": "k.txt", "blank": "last", "space": true, "scores": "logits"}""").Text);
        Assert.Equal((9, 0.5), (Of("""{"kind": "answer", "maxAnswer": 9, "emptyAbove": 0.5}""").Answer is var form ? form.MaxTokens : 0, form.EmptyAbove!.Value));
    }

    [Theory]
    [InlineData("""{"kind": "text"}""", ": nothing says what the values stand for")]
    [InlineData("""{"kind": "text", "dictionary": "a", "tokenizer": "b"}""", ".tokenizer: a text is read by a dictionary or by a tokenizer")]
    [InlineData("""{"kind": "embedding", "nms": 1, "blank": "last", "pooling": "sum"}""", ".nms: only detections are read so|.blank: an output of kind embedding has no such key|.pooling: unknown value")]
    [InlineData("""{"kind": "answer", "maxAnswer": 0, "tensors": 1}""", ".tensors: wrong type|.maxAnswer: not a whole number in range")]
    public void Read_HowTextsAreMade_ListsEveryFault(string output, string expected)
    {
        var faults = Faults(Traffic.Replace("""{"kind": "classification", "labels": ["bus", "van"]}""", output, StringComparison.Ordinal));
        Assert.All(expected.Split('|'), e => Assert.Contains(faults, f => f.StartsWith("$.tasks[0].output" + e, StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_LabelsThatTheFileDoesNotList_AreFoundElsewhere()
    {
        var inModels = Traffic.Replace("\"labels\": [\"car\", \"person\"], ", "", StringComparison.Ordinal);
        var inFile = Traffic.Replace("\"labels\": [\"car\", \"person\"], ", "\"labelsFile\": \"names.txt\", ", StringComparison.Ordinal);
        foreach (var json in new[] { inModels, inFile })
        {
            var pipeline = PipelineReader.Read(json, "t", labels: new Labels());
            Assert.Equal(["N/A", "car", "N/A", "person"], pipeline.Root.Output.Labels);
            Assert.Equal([1], pipeline.Edges[0].Labels);
            // Offline tools have no models: any label will do.
            Assert.Empty(PipelineReader.Read(json, "t").Edges[0].Labels);
        }

        Assert.Equal([0, 2], PipelineReader.Read(inModels.Replace("[\"car\"]", "[\"N/A\"]", StringComparison.Ordinal), "t", labels: new Labels()).Edges[0].Labels);
    }

    [Fact]
    public void Read_LabelsThatCannotBeFound_SaysWhereTheyWereLookedFor()
    {
        string[] Found(string output, string detectN = "models/detect-n.onnx") => [.. Assert.Throws<PipelineFormatException>(() => PipelineReader.Read(
            Traffic.Replace("\"labels\": [\"car\", \"person\"],", output, StringComparison.Ordinal).Replace("models/detect-n.onnx", detectN, StringComparison.Ordinal), "t", labels: new Labels())).Faults.Select(f => f.ToString())];

        Assert.Contains("$.tasks[1].output.labelsFile: the labels cannot be read: it is not there; found \"gone.txt\"; allowed: a text file with one class name a line, relative to this file's folder", Found("\"labelsFile\": \"gone.txt\","));
        Assert.Contains("$.tasks[1].output.labelsFile: labels stand here and in a file; allowed: \"labels\" or \"labelsFile\", not both", Found("\"labels\": [\"car\"], \"labelsFile\": \"names.txt\","));
        Assert.Contains("$.tasks[1].output: the models of detect-n and detect-x name their classes differently; allowed: \"labels\" or \"labelsFile\" here, in the order of all its models' classes", Found("", "other.onnx"));
        var unnamed = Traffic.Replace("\"labels\": [\"car\", \"person\"], ", "", StringComparison.Ordinal).Replace("models/detect", "none", StringComparison.Ordinal);
        var fault = Assert.Single(Assert.Throws<PipelineFormatException>(() => PipelineReader.Read(unnamed, "t", labels: new Labels())).Faults);
        Assert.Equal("$.edges[0].labels[0]: task \"detect\" has no such label; found \"car\"; allowed: names that its output lists as \"labels\" or in a \"labelsFile\": no model names its classes here", fault.ToString());
    }

    private sealed class Labels : ILabelSource
    {
        public System.Collections.Immutable.ImmutableArray<string> OfFile(string path) => path == "names.txt" ? ["N/A", "car", "N/A", "person"] : throw new IOException("it is not there.");

        public System.Collections.Immutable.ImmutableArray<string> OfModel(string path) =>
            path.StartsWith("models/detect", StringComparison.Ordinal) ? ["N/A", "car", "N/A", "person"] : path == "other.onnx" ? ["dog"] : [];
    }

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
                "$.nam: unknown key; found \"nam\"; allowed: $schema, name, sloMs, input, tasks, edges (did you mean \"name\"?)",
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

using ServerlessLoki.Pipelines;
using ServerlessLoki.Tests.TestData;
using static ServerlessLoki.Tests.Pipelines.PipelineReaderTests;

namespace ServerlessLoki.Tests.Pipelines;

/// <summary>How a file says that a stage takes its input and makes its results.</summary>
public sealed class PipelineStageReaderTests
{
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
    public void Read_HowTextsAreFound_IsKeptOrEveryFaultIsListed()
    {
        static string Said(string keys) => Traffic.Replace("\"tensor\": \"detections\",", keys, StringComparison.Ordinal);

        Assert.Equal(
            new TextRegionForm { Threshold = 0.2, BoxThreshold = 0.5, UnclipRatio = 2, MaxCandidates = 50 },
            PipelineReader.Read(Said("\"decoder\": \"db\", \"threshold\": 0.2, \"boxThreshold\": 0.5, \"unclipRatio\": 2, \"maxCandidates\": 50,"), "t").Root.Output.Detections.Regions);
        Assert.Equal(
            ["threshold", "boxThreshold", "unclipRatio", "maxCandidates"],
            Faults(Said("\"decoder\": \"db\", \"threshold\": 2, \"boxThreshold\": -1, \"unclipRatio\": \"x\", \"maxCandidates\": 0,")).Select(f => f.Split(':')[0]["$.tasks[1].output.".Length..]));
        Assert.Equal(
            ["$.tasks[1].output.unclipRatio: only decoder db has such a key; allowed: \"decoder\": \"db\" beside it, or leave the key out"], Faults(Said("\"decoder\": \"yolo\", \"unclipRatio\": 2,")));
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
}

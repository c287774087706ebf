using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Which decoder reads a model, by its file's word or by its outputs' shapes; and what is said where none does.</summary>
public sealed class DecoderChoiceTests
{
    [Fact]
    public void Bind_RowsOfSix_AreCornersInShares() => Assert.Equal(1, Box(1, Heads.Output("y", "N", "K", 6), [0.5f, 0.5f, 1, 1, 0.9f, 0]).X2);

    [Theory]
    [InlineData(80, 84, 8400, 80)]
    [InlineData(0, 84, 8400, 80)]
    [InlineData(0, 5, 2100, 1)]
    [InlineData(2, 6, 6, 6)]
    public void Bind_ValuesAheadOfPlaces_IsYolo(int labels, int values, int places, int classes)
    {
        // [N, 6, 6] is rows all the same.
        var isRows = places == 6;
        var fault = Heads.Fault(Heads.Fit(Heads.Detect(labels), Heads.Output("output0", 1, values, places)));
        Assert.Null(fault);
        Assert.Equal(isRows, Heads.Fault(Heads.Fit(Heads.Detect(classes + 1, isRows ? "rows" : "yolo"), Heads.Output("output0", 1, values, places))) is null);
    }

    [Fact]
    public void Bind_PlacesAheadOfValues_IsObjectnessWhereLabelsSayIt()
    {
        float[] place = [200, 100, 400, 200, 0.5f, 0.8f, 0];
        Assert.Equal(0.4f, Box(2, Heads.Output("output", 1, 7, 7), [.. Enumerable.Repeat(place, 7).SelectMany(p => p)]).Score, 1e-6f);
        Assert.Contains("fits yolo-objectness with 80 classes", Heads.Fault(Heads.Fit(Heads.Detect(0), Heads.Output("output", 1, 25200, 85))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("end2end", "True", 0.5f)]
    [InlineData("end2end", "False", 1)]
    [InlineData("args", "{'batch': 1, 'nms': True}", 0.5f)]
    [InlineData("args", "{'batch': 1, 'nms': False}", 1)]
    public void Bind_ModelSaysThatItIsEndToEnd_BoxesArePixels(string key, string value, float right)
    {
        var fit = Heads.Fit(Heads.Detect(1), Heads.Output("output0", 1, 1, 6));
        fit = fit with { Metadata = ImmutableDictionary<string, string>.Empty.Add(key, value) };
        Assert.Equal(right, Assert.Single(Heads.Read(fit, [0, 0, 200, 100, 0.9f, 0])!).X2);
    }

    [Fact]
    public void Bind_SeveralOutputs_AreSsdOrDetr()
    {
        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(3), Heads.Output("boxes", "N", "K", "four"), ("labels", TinyOnnx.Int64, ["N", "K"]), Heads.Output("scores", "N", "K"))));
        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(91), Heads.Output("logits", 1, 100, 92), ("pred_boxes", TinyOnnx.Half, [1, 100, 4]))));
        Assert.Equal(
            "outputs scores FP32 [-1,100,4], boxes FP32 [-1,100,4] may be read by several decoders: say which by \"decoder\": \"ssd\" or \"detr\"",
            Heads.Fault(Heads.Fit(Heads.Detect(3), Heads.Output("scores", "N", 100, 4), Heads.Output("boxes", "N", 100, 4))));
    }

    [Fact]
    public void Bind_LabelsThatAreNotTheModels_SaysWhatWouldFit()
    {
        const string Cure = "as it is, it fits yolo with 80 classes: list all 80 labels, or leave \"labels\" out";
        var head = Heads.Output("output0", 1, 84, 1600);
        var fault = Heads.Fault(Heads.Fit(Heads.Detect(81), head));
        Assert.Equal(
            "no decoder of detections reads output output0 FP32 [1,84,1600] by its shape; [N, K, 6] is told as rows, and with 81 labels [N, 85, K] as yolo and [N, K, 86] as yolo-objectness; " + Cure, fault);
        // Both cures work.
        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(80), head)));
        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(0), head)));
        Assert.Contains("has 80 classes, but the task has 81 labels: list at most 80", Heads.Fault(Heads.Fit(Heads.Detect(81, "yolo"), head)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 79)]
    [InlineData(79, 1)]
    [InlineData(80, 0)]
    [InlineData(0, 0)]
    public void Bind_FewerLabelsThanClasses_IgnoresTheOthersAndCountsThem(int labels, int ignored)
    {
        var fit = Heads.Fit(Heads.Detect(labels), Heads.Output("output0", 1, 84, 1600));
        Assert.Equal(ignored, StageOutputs.ClassesWithoutLabel(fit, TransformRegistry.Default.Decoders));
        var values = new float[84 * 1600];
        foreach (var (place, label) in new[] { (0, 0), (1, 79) })
        {
            // Apart, so that neither drops the other.
            (int At, float Value)[] numbers = [(0, 50 + (100 * place)), (1, 50), (2, 40), (3, 40), (4 + label, 0.9f)];
            foreach (var (at, value) in numbers)
                values[(at * 1600) + place] = value;
        }

        Assert.Equal(ignored > 0 ? [0] : [0, 79], Heads.Read(fit, values)!.Select(r => r.Label));
    }

    [Fact]
    public void Bind_PixelsOfAnInputThatIsNoImage_SaysHowToGoOn()
    {
        var fit = Heads.Fit(Heads.Detect(80), Heads.Output("output0", 1, 84, 1600)) with { Image = null };
        Assert.Contains("say \"normalised\": true", Heads.Fault(fit), StringComparison.Ordinal);
        var output = fit.Expected with { Detections = fit.Expected.Detections with { IsNormalised = true } };
        Assert.Null(Heads.Fault(fit with { Expected = output }));
    }

    /// <summary>A head with as many values too many as there are planes beside it is only guessed to be one of masks.</summary>
    [Fact]
    public void Bind_NamedDecoderBesidePlanes_IsTaken()
    {
        (string, int, object[])[] outputs = [Heads.Output("head", "N", 40, 80), Heads.Output("planes", "N", 32, 8, 8)];
        Assert.Contains("prototypes", Heads.Fault(Heads.Fit(Heads.Detect(0), outputs)), StringComparison.Ordinal);
        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(0, "yolo"), outputs)));
    }

    [Fact]
    public void Bind_NamesThatAreNotThere_SaysWhichAre()
    {
        var outputs = new[] { Heads.Output("a", "N", 9, 4), Heads.Output("b", "N", 9), Heads.Output("c", "N", 9) };
        Assert.Equal("there is no decoder 'ssdx'; there are anchors, db, detr, rows, ssd, yolo, yolo-end-to-end, yolo-obb, yolo-objectness, yolo-pose, yolo-seg, yunet", Heads.Fault(Heads.Fit(Heads.Detect(1, "ssdx"), outputs)));
        Assert.Contains("scores [N, K] (not found)", Heads.Fault(Heads.Fit(Heads.Detect(1, "ssd"), outputs)), StringComparison.Ordinal);
        Assert.Equal("it has no output 'x'; it has a FP32 [-1,9,4], b FP32 [-1,9], c FP32 [-1,9]", Heads.Fault(Heads.Fit(Named(("scores", "x")), outputs)));
        Assert.Equal("decoder 'ssd' reads no output as 'score'; it reads boxes, scores, classes, count", Heads.Fault(Heads.Fit(Named(("score", "b")), outputs)));
        Assert.Null(Heads.Fault(Heads.Fit(Named(("scores", "b"), ("classes", "c")), outputs)));
        Assert.Contains("name them by \"tensors\"", Heads.Fault(Heads.Fit(Named() with { Tensor = "a" }, outputs)), StringComparison.Ordinal);
    }

    [Fact]
    public void Registry_WithAUsersDecoder_FindsIt()
    {
        var registry = new DecoderRegistry([.. DecoderRegistry.BuiltIn, new Whole()]);
        Assert.Contains("whole", registry.Names);
        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(1, "whole"), Heads.Output("y", "N", 1)), registry));
        Assert.Equal("one value only", Heads.Fault(Heads.Fit(Heads.Detect(1, "whole"), Heads.Output("y", "N", 2)), registry));
        Assert.Throws<ArgumentException>(() => new DecoderRegistry([new Whole(), new Whole()]));
    }

    private static TaskOutput Named(params (string Role, string Output)[] tensors)
    {
        var output = Heads.Detect(1, "ssd");
        return output with { Detections = output.Detections with { Tensors = tensors.ToImmutableSortedDictionary(t => t.Role, t => t.Output, StringComparer.Ordinal) } };
    }

    private static OutputRow Box(int labels, (string Name, int Type, object[] Shape) output, float[] values) =>
        Heads.Read(Heads.Fit(Heads.Detect(labels), output), values)![0];

    /// <summary>The whole picture, where the model's one value says so.</summary>
    private sealed class Whole : IOutputDecoder, IDetectionReader
    {
        public string Name => "whole";

        public ImmutableArray<string> Roles => [];

        public DecoderBinding Bind(OutputFit fit) =>
            fit.Tensor.RowElements == 1 ? DecoderBinding.By(this, DetectionDefaults.Finished) : DecoderBinding.Refused("one value only");

        public bool TryRead(IOutputValues outputs, DetectionList found) => found.TryAdd(outputs.Of(0)[0], 0, 0, 0, 1, 1);
    }
}

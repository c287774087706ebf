using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

public sealed class TransformTests
{
    private static readonly OutputRow[] Rows = [Row(0, 0.5f), Row(1, 0.9f), Row(0, 0.7f), Row(0, 0.7f), Row(1, 0.1f)];

    [Fact]
    public void Select_WithoutFilterOrSelectors_KeepsAll() => Assert.Equal([0, 1, 2, 3, 4], Select([], []));

    [Fact]
    public void Select_WithLabels_KeepsThose() => Assert.Equal([1, 4], Select([1], []));

    [Theory]
    [InlineData(1, new[] { 2 })]
    [InlineData(2, new[] { 2, 3 })]
    [InlineData(9, new[] { 0, 2, 3 })]
    public void Select_WithTopK_KeepsTheBestInTheirOrder(int k, int[] expected) =>
        Assert.Equal(expected, Select([0], [Config("top-k", ("k", k))]));

    [Theory]
    [InlineData(0, new[] { 0, 1, 2, 3, 4 })]
    [InlineData(0.7, new[] { 1, 2, 3 })]
    [InlineData(1, new int[0])]
    public void Select_WithThreshold_KeepsThoseOfAtLeastIt(double score, int[] expected) =>
        Assert.Equal(expected, Select([], [Config("threshold", ("score", score))]));

    [Fact]
    public void Select_OfNothing_KeepsNothing()
    {
        var kept = new List<int> { 3 };
        Prepare([], [Config("top-k", ("k", 1))]).Select([], kept);
        Assert.Empty(kept);
    }

    [Fact]
    public void Fill_WithCropResize_CutsTheDetectionOutOfTheImage()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, 2, 2), new ModelOptions());
        using var runner = model.CreateRunner();
        using var image = RgbImage.Rent(8, 8);
        image.Pixels.Clear();
        for (var y = 4; y < 8; y++) image.Pixels.Slice(((y * 8) + 4) * 3, 12).Fill(255);
        var edge = Prepare([], [Config("crop-resize")]);
        edge.Fill(new StageSource(image, new OutputRow(0, 1, 0.5f, 0.5f, 1, 1), default), runner, 0);
        edge.Fill(new StageSource(image, new OutputRow(0, 1, 0, 0, 0.5f, 0.5f), default), runner, 1);
        Assert.All(runner.InputRow(0).ToArray(), v => Assert.Equal(1, v, 1e-6f));
        Assert.All(runner.InputRow(1).ToArray(), v => Assert.Equal(0, v, 1e-6f));

        Prepare([], [Config("crop-resize", ("margin", 1))]).Fill(new StageSource(image, new OutputRow(0, 1, 0.5f, 0.5f, 1, 1), default), runner, 0);
        Assert.Equal([0, 0, 0, 1], runner.InputRow(0)[..4].ToArray());
    }

    [Fact]
    public void Fill_WithIdentity_HandsOnTheParentsTensorOrTheImage()
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, 1, 1), new ModelOptions());
        using var runner = model.CreateRunner();
        var edge = Prepare([], []);
        var needs = edge.Check(new EdgeFit(true, TaskOutputKind.Tensor, model.Outputs[0], model.Inputs[0]));
        Assert.True(needs.ParentTensor);
        edge.Fill(new StageSource(null, default, MemoryMarshal.AsBytes<float>([4, 5, 6])), runner, 0);
        Assert.Equal([4, 5, 6], runner.InputRow(0).ToArray());
        using var image = RgbImage.Over(1, 1, [255, 0, 51]);
        edge.Fill(new StageSource(image, default, new byte[80]), runner, 0);
        Assert.Equal(0.2f, runner.InputRow(0)[2], 1e-6f);
    }

    [Fact]
    public void Check_OfModelsThatDoNotFit_SaysWhy()
    {
        using var images = OnnxModel.Load("m", TinyOnnx.Scale(1, 2, 2), new ModelOptions());
        using var classes = OnnxModel.Load("m", TinyOnnx.Classifier(8, 8, 4, 1), new ModelOptions());
        var crop = Prepare([], [Config("crop-resize")]);
        Assert.Null(crop.Check(new EdgeFit(true, TaskOutputKind.Detections, classes.Outputs[0], images.Inputs[0])).Fault);
        Assert.Contains("images", crop.Check(new EdgeFit(false, TaskOutputKind.Detections, classes.Outputs[0], images.Inputs[0])).Fault, StringComparison.Ordinal);
        Assert.Contains("detections", crop.Check(new EdgeFit(true, TaskOutputKind.Tensor, classes.Outputs[0], images.Inputs[0])).Fault, StringComparison.Ordinal);
        Assert.Contains("'identity'", Prepare([], []).Check(new EdgeFit(false, TaskOutputKind.Tensor, classes.Outputs[0], images.Inputs[0])).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_OfABadEdge_ListsEveryFault()
    {
        var error = Assert.Throws<TransformException>(() => Prepare([], [
            Config("blur"), Config("top-k"), Config("crop-resize", ("margin", 3), ("size", 1)), Config("identity"), Config("top-k", ("k", 1.5))]));
        Assert.Equal(7, error.Faults.Length);
        Assert.Contains("edges[0].transforms[0].name: 'blur' is not known; allowed are concat, crop-quad, crop-resize, identity, pass-tensor, pass-text, query, threshold, top-k.", error.Faults[0], StringComparison.Ordinal);
        Assert.Contains("edges[0].transforms[1].k: missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registry_WithAUsersTransform_FindsIt()
    {
        var registry = new TransformRegistry([.. TransformRegistry.BuiltIn, new FirstOnly()]);
        Assert.Equal(["concat", "crop-quad", "crop-resize", "first-only", "identity", "pass-tensor", "pass-text", "query", "threshold", "top-k"], registry.Names);
        var kept = new List<int>();
        registry.Prepare(new PipelineEdge(0, 0, 1, [], [Config("first-only")]), "edges[0]").Select(Rows, kept);
        Assert.Equal([0], kept);
        Assert.Contains("known are concat", Assert.Throws<KeyNotFoundException>(() => registry.Find("x")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TransformRegistry([new TopK(), new TopK()]));
    }

    private static OutputRow Row(int label, float score) => new(label, score, 0, 0, 1, 1);

    private static TransformConfig Config(string name, params (string Name, double Value)[] numbers) =>
        new(name, numbers.ToImmutableSortedDictionary(n => n.Name, n => n.Value, StringComparer.Ordinal));

    private static EdgeTransforms Prepare(ImmutableArray<int> labels, ImmutableArray<TransformConfig> transforms) =>
        TransformRegistry.Default.Prepare(new PipelineEdge(0, 0, 1, labels, transforms), "edges[0]");

    private static List<int> Select(ImmutableArray<int> labels, ImmutableArray<TransformConfig> transforms)
    {
        var kept = new List<int>();
        Prepare(labels, transforms).Select(Rows, kept);
        return kept;
    }

    private sealed class FirstOnly : IRowSelector
    {
        public string Name => "first-only";

        public ImmutableArray<TransformOption> Options => [];

        public void Select(IReadOnlyList<OutputRow> rows, List<int> kept, TransformConfig config) => kept.RemoveRange(1, kept.Count - 1);
    }
}

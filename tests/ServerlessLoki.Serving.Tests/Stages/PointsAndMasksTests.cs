using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Key points, masks of detections and masks of pictures on values worked out by hand. The model's input is 400 wide and 200 high.</summary>
public sealed class PointsAndMasksTests
{
    private const int Side = 160;

    // Two places, one class: the second is unlikely.
    private static readonly float[] s_place = [80, 0, 40, 0, 80, 0, 40, 0, 0.9f, 0.1f];

    [Fact]
    public void YoloPose_PointsOfWhatIsLeft_AreFractionsOfTheInput()
    {
        float[] values = [.. s_place, 40, 0, 20, 0, 0.5f, 0, 120, 0, 60, 0, 1.5f, 0];
        var row = Assert.Single(Heads.Read(Heads.Fit(Heads.Detect(1, "yolo-pose"), Heads.Output("output0", "N", 11, 2)), values)!);
        Assert.Equal(new RowPoints([0.1f, 0.1f, 0.5f, 0.3f, 0.3f, 1], 3), row.Points);
        Assert.Equal((0.1f, 0.3f), (row.X1, row.Y2));
    }

    [Fact]
    public void YoloPose_MetadataSayHowManyNumbers()
    {
        float[] values = [.. s_place, 40, 0, 20, 0, 120, 0, 60, 0, 200, 0, 100, 0];
        var fit = Heads.Fit(Heads.Detect(0, "yolo-pose"), Heads.Output("output0", "N", 11, 2));
        Assert.Contains("list the \"labels\"", Heads.Fault(fit), StringComparison.Ordinal);
        fit = fit with { Metadata = Metadata("kpt_shape", "[3, 2]") };
        Assert.Equal(new RowPoints([0.1f, 0.1f, 0.3f, 0.3f, 0.5f, 0.5f], 2), Assert.Single(Heads.Read(fit, values)!).Points);
    }

    [Fact]
    public void YoloPose_PointThatIsNoNumber_IsRefused()
    {
        float[] values = [.. s_place, float.NaN, 0, 20, 0, 0.5f, 0];
        Assert.Null(Heads.Read(Heads.Fit(Heads.Detect(1, "yolo-pose"), Heads.Output("output0", "N", 8, 2)), values));
    }

    [Theory]
    [InlineData("segment", "say \"decoder\": \"yolo-seg\"")]
    [InlineData("pose", "say \"decoder\": \"yolo-pose\"")]
    [InlineData("obb", "say \"decoder\": \"yolo-obb\"")]
    [InlineData("classify", "say \"kind\": \"classification\"")]
    public void Bind_ModelOfAnotherTask_IsNoDetector(string task, string cure)
    {
        foreach (var decoder in (string?[])[null, "yolo"])
        {
            var fit = Heads.Fit(Heads.Detect(2, decoder), Heads.Output("output0", 1, 4 + 2 + 9, 8400));
            Assert.Contains(cure, Heads.Fault(fit with { Metadata = Metadata("task", task) }), StringComparison.Ordinal);
        }

        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(2), Heads.Output("output0", 1, 6, 8400)) with { Metadata = Metadata("task", "detect") }));
    }

    [Theory]
    [InlineData(0, 116, 8400)]
    [InlineData(80, 116, 8400)]
    [InlineData(80, 25200, 117)]
    public void Bind_PrototypesBeside_IsNoDetectorWithoutMetadata(int labels, int first, int last)
    {
        var fit = Heads.Fit(Heads.Detect(labels), Heads.Output("output0", 1, first, last), Heads.Output("output1", 1, 32, 160, 160));
        Assert.Contains("\"decoder\": \"yolo-seg\"", Heads.Fault(fit), StringComparison.Ordinal);
    }

    /// <summary>Coefficients 1 and −2 over prototypes 1 everywhere and 1 on the right: above zero on the left, cut at the box.</summary>
    [Fact]
    public void YoloSeg_MaskIsWhereTheSumIsAboveZeroInsideTheBox()
    {
        float[] head = [200, 0, 100, 0, 200, 0, 100, 0, 0.9f, 0.1f, 1, 0, -2, 0];
        float[] prototypes = [.. Enumerable.Repeat(1f, 8), 0, 0, 1, 1, 0, 0, 1, 1];
        var fit = Heads.Fit(Heads.Detect(1, "yolo-seg"), Heads.Output("output0", "N", 7, 2), Heads.Output("output1", "N", 2, 2, 4));
        var (row, rows, outputs) = (new Heads.Row(head, prototypes), new List<OutputRow>(), StageOutputs.Of(fit, DecoderRegistry.Default));
        Assert.True(outputs.TryRead(row, rows));
        var masks = outputs.Masks(row, rows)!.Parts[0];
        Assert.Equal(("UINT8", "1,160,160"), (masks.Datatype, string.Join(',', masks.Shape)));
        var expected = Grid(Side, Side, (x, y) => x is >= 0.25f and < 0.5f && y is >= 0.25f and <= 0.75f ? 1 : 0);
        Assert.Equal(expected, masks.Bytes.ToArray());

        head[10] = float.NaN;
        Assert.True(outputs.TryRead(row, rows));
        Assert.Null(outputs.Masks(row, rows));
    }

    [Fact]
    public void Segmentation_BestClassOfEachPixel_AtTheInputsSize() => Assert.Equal(
        Grid(400, 200, (x, _) => x < 0.5f ? 0 : 1), Mask([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1], Segments(), Heads.Output("logits", "N", 2, 2, 4)));

    [Theory]
    [InlineData(ScoreForm.Probabilities, 0.6f, 0.4f)]
    [InlineData(ScoreForm.Sigmoid, 0.1f, -0.1f)]
    public void Segmentation_OfOneClass_IsWhatIsLikelyEnough(ScoreForm scores, float likely, float unlikely) => Assert.Equal(
        Grid(400, 200, (_, y) => y < 0.5f ? 1 : 0), Mask([likely, likely, unlikely, unlikely], Segments() with { Scores = scores }, Heads.Output("y", "N", 1, 2, 2)));

    [Fact]
    public void Segmentation_ChosenByTheGraph_IsTakenOver() => Assert.Equal(
        Grid(400, 200, (x, y) => (x < 0.5f, y < 0.5f) switch { (true, true) => 7, (false, true) => 0, (true, false) => 255, _ => 254 }),
        Mask([7, 0, -1, 254], Segments(), ("classes", TinyOnnx.Int64, ["N", 2, 2])));

    [Fact]
    public void Segmentation_WhatTheModelDoesNotSee_HasNoClass()
    {
        var fit = Heads.Fit(Segments(), Heads.Output("y", "N", 2, 1, 2));
        // The input shows the middle half of the width.
        var row = new Heads.Row([1, 0, 0, 1]) { Seen = x => (x - 0.25f) * 2 };
        var mask = StageOutputs.Of(fit, DecoderRegistry.Default).Read(row)!.Parts[0].Bytes.ToArray();
        Assert.Equal(Grid(400, 200, (x, _) => x is < 0.25f or > 0.75f ? 255 : x < 0.5f ? 0 : 1), mask);
    }

    [Fact]
    public void Segmentation_WhatIsNoNumber_IsRefused() =>
        Assert.Null(StageOutputs.Of(Heads.Fit(Segments(), Heads.Output("y", "N", 2, 1, 1)), DecoderRegistry.Default).Read(new Heads.Row([0, float.PositiveInfinity])));

    [Fact]
    public void Segmentation_OpenOrTooManyClasses_IsRefused()
    {
        Assert.Contains("a segmentation is FP32", Heads.Fault(Heads.Fit(Segments(), Heads.Output("y", "N", 2, "h", "w"))), StringComparison.Ordinal);
        Assert.Contains("at most 255 classes", Heads.Fault(Heads.Fit(Segments(), Heads.Output("y", "N", 256, 4, 4))), StringComparison.Ordinal);
    }

    /// <summary>No values whatever make a decoder throw or answer more than its limit.</summary>
    [Theory]
    [InlineData("yolo-pose")]
    [InlineData("yolo-seg")]
    public void TryRead_AnyValues_NeverThrows(string decoder)
    {
        const int Places = 2000;
        var random = new Random(7);
        float[] odd = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -1e30f, 0];
        var fit = Heads.Fit(Heads.Detect(2, decoder), Heads.Output("output0", "N", 4 + 2 + 6, Places), Heads.Output("output1", "N", 6, 8, 8));
        var outputs = StageOutputs.Of(fit with { Expected = decoder == "yolo-seg" ? fit.Expected : fit.Expected with { Tensor = "output0" } }, DecoderRegistry.Default);
        for (var run = 0; run < 30; run++)
        {
            var share = run % 3 * 0.0003;
            var (row, rows) = (new Heads.Row(Values(12 * Places), Values(6 * 64)), new List<OutputRow>());
            if (outputs.TryRead(row, rows) && outputs.HasMasks)
                Assert.InRange(outputs.Masks(row, rows)?.Parts[0].Shape[0] ?? 0, 0, 300);
            Assert.InRange(rows.Count, 0, 300 + Places);

            float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < share ? odd[random.Next(odd.Length)] : (float)(random.NextDouble() * (run % 2 == 0 ? 400 : 1)))];
        }
    }

    private static TaskOutput Segments() => new(TaskOutputKind.Segmentation, null, [], null);

    private static byte[] Mask(float[] values, TaskOutput output, (string Name, int Type, object[] Shape) tensor) =>
        StageOutputs.Of(Heads.Fit(output, tensor), DecoderRegistry.Default).Read(new Heads.Row(values))!.Parts[0].Bytes.ToArray();

    private static byte[] Grid(int width, int height, Func<float, float, int> value) =>
        [.. Enumerable.Range(0, width * height).Select(i => (byte)value(((i % width) + 0.5f) / width, ((i / width) + 0.5f) / height))];

    private static ImmutableDictionary<string, string> Metadata(string key, string value) => ImmutableDictionary<string, string>.Empty.Add(key, value);
}

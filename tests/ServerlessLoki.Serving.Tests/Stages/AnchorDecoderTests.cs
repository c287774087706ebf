using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Boxes beside anchors, on values worked out by hand. The model's input is 400 wide and 200 high.</summary>
public sealed class AnchorDecoderTests
{
    /// <summary>4 × 2 cells of 100 pixels with two anchors each: place 11 is the larger one in the cell of column 1, row 1.</summary>
    [Fact]
    public void RetinaFace_BoxesAndLandmarks_GrowOutOfTheirAnchor()
    {
        var fit = Heads.Fit(
            Said(["face"], new AnchorForm { Strides = [100], Sizes = [[40, 80]] }), Heads.Output("loc", "N", 16, 4), Heads.Output("conf", "N", 16, 2), Heads.Output("landms", "N", 16, 4));
        var (loc, conf, points) = (new float[64], new float[32], new float[64]);
        for (var i = 0; i < 16; i++)
            conf[2 * i] = 1;
        ((float[])[0.2f, 0.8f]).CopyTo(conf, 22);
        ((float[])[1, -2, MathF.Log(2) / 0.2f, 0]).CopyTo(loc, 44);
        ((float[])[5, 0, -5, 10]).CopyTo(points, 44);
        var row = Assert.Single(Heads.Read(fit, loc, conf, points)!);
        Assert.Equal((0, 0.8f), (row.Label, row.Score));
        // Centre (150, 150), side 80: moved by 0.1 × 80 and −0.2 × 80, twice as wide.
        Near([(158 - 80) / 400f, (134 - 40) / 200f, (158 + 80) / 400f, (134 + 40) / 200f], [row.X1, row.Y1, row.X2, row.Y2]);
        Near([190 / 400f, 150 / 200f, 110 / 400f, 1], [.. row.Points!.Values]);
        Assert.False(row.Points.AreCorners);
    }

    [Fact]
    public void BlazeFace_LinearPixels_LogitsAndPointsBehindTheBox()
    {
        var said = Said([], new AnchorForm { Strides = [100, 200], PerCell = [2, 6], IsLinear = true }) with { Scores = ScoreForm.Sigmoid };
        var fit = Heads.Fit(said, Heads.Output("regressors", "N", 28, 6), Heads.Output("classificators", "N", 28, 1));
        var (boxes, scores) = (new float[28 * 6], new float[28]);
        Array.Fill(scores, -9);
        scores[27] = 2;
        ((float[])[20, -10, 100, 60, 40, 40]).CopyTo(boxes, 27 * 6);
        var row = Assert.Single(Heads.Read(fit, boxes, scores)!);
        Assert.Equal(1 / (1 + MathF.Exp(-2)), row.Score, 1e-6f);
        // The last cell of the coarse map has its middle at (300, 100).
        Near([(320 - 50) / 400f, (90 - 30) / 200f, (320 + 50) / 400f, (90 + 30) / 200f], [row.X1, row.Y1, row.X2, row.Y2]);
        Near([340 / 400f, 140 / 200f], [.. row.Points!.Values]);
    }

    [Fact]
    public void Yunet_EachStride_CountsItsOwnCells()
    {
        var fit = Heads.Fit(
            Heads.Detect(1, "yunet"),
            Heads.Output("cls_100", "N", 8, 1), Heads.Output("cls_200", "N", 2, 1), Heads.Output("obj_100", "N", 8, 1), Heads.Output("obj_200", "N", 2, 1),
            Heads.Output("bbox_100", "N", 8, 4), Heads.Output("bbox_200", "N", 2, 4), Heads.Output("kps_100", "N", 8, 10), Heads.Output("kps_200", "N", 2, 10));
        var row = Assert.Single(Heads.Read(
            fit, new float[8], [0, 0.81f], new float[8], [0, 0.64f], new float[32], [0, 0, 0, 0, 0.5f, 0.25f, MathF.Log(0.5f), 0], new float[80],
            [.. new float[10], 0.25f, 0.5f, 0.75f, 0.5f, 0, 0, 0, 0, 1, 1])!);
        Assert.Equal(0.72f, row.Score, 1e-6f);
        Near([(300 - 50) / 400f, 0, (300 + 50) / 400f, (50 + 100) / 200f], [row.X1, row.Y1, row.X2, row.Y2]);
        Near([250 / 400f, 0.5f, 350 / 400f, 0.5f, 0.5f, 0, 0.5f, 0, 1, 1], [.. row.Points!.Values]);
    }

    [Fact]
    public void Bind_OtherNumberOfAnchors_SaysHowMany() => Assert.Contains(
        "decoder anchors reads boxes [N, 8, 4] (not found)",
        Heads.Fault(Heads.Fit(Said(["face"], new AnchorForm { Strides = [100], PerCell = [1] }), Heads.Output("loc", "N", 16, 4), Heads.Output("conf", "N", 16, 2))), StringComparison.Ordinal);

    [Theory]
    [InlineData("0.5,0.5,0.1,0.2\n\n0.25 0.5\t1 1\n", null)]
    [InlineData("0.5,0.5,0.1\n", "line 1")]
    [InlineData("0.5,0.5,0.1,0.2\n0.5,0.5,0.1,0.2,3\n", "line 2")]
    [InlineData("0.5,0.5,0.1,0\n", "line 1")]
    [InlineData("0.5,0.5,NaN,1\n", "line 1")]
    [InlineData(" \n", "is empty")]
    public void Parse_File_TakesFourNumbersALine(string text, string? fault)
    {
        var read = Anchors.Parse(text, "a.csv", out var found);
        Assert.Equal(fault is null, found is null);
        if (fault is null)
            Assert.Equal([0.5f, 0.5f, 0.1f, 0.2f, 0.25f, 0.5f, 1, 1], read);
        else
            Assert.Contains(fault, found, StringComparison.Ordinal);
    }

    private static TaskOutput Said(ImmutableArray<string> labels, AnchorForm anchors) =>
        new(TaskOutputKind.Detections, null, labels, null) { Detections = DetectionOutput.Default with { Decoder = "anchors", Anchors = anchors } };

    private static void Near(float[] expected, float[] found) => Assert.Equal(expected, found, static (a, b) => Math.Abs(a - b) < 1e-5f);
}

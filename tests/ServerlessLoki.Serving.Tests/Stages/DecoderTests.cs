using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Each built-in decoder on values worked out by hand. The model's input is 400 wide and 200 high.</summary>
public sealed class DecoderTests
{
    // Two places: (left 40, top 20, right 120, bottom 60) of the input is 0.1, 0.1, 0.3, 0.3 of the picture.
    private static readonly float[] s_yolo =
    [
        80, 300, // centre x
        40, 100, // centre y
        80, 40, // width
        40, 20, // height
        0.1f, 0.6f, // class 0
        0.9f, 0.2f, // class 1
    ];

    [Fact]
    public void Yolo_BoxesOfCentreAndSizeInPixels_BestClassOfEachPlace() =>
        Near([new(1, 0.9f, 0.1f, 0.1f, 0.3f, 0.3f), new(0, 0.6f, 0.7f, 0.45f, 0.8f, 0.55f)], Heads.Read(Heads.Fit(Heads.Detect(2, "yolo"), Heads.Output("output0", "N", 6, 2)), s_yolo));

    [Fact]
    public void Yolo_MorePlacesThanABlock_EveryPlaceIsRead()
    {
        const int Places = 1100, Classes = 3;
        var values = new float[(4 + Classes) * Places];
        // Boxes of one pixel side by side, class and score by place.
        for (var i = 0; i < Places; i++)
        {
            (values[i], values[Places + i], values[(2 * Places) + i], values[(3 * Places) + i]) = ((i % 100 * 4) + 2, (i / 100 * 4) + 2, 2, 2);
            values[((4 + (i % Classes)) * Places) + i] = 0.3f + (i / (2f * Places));
        }

        var output = Heads.Detect(Classes, "yolo");
        var rows = Heads.Read(Heads.Fit(output with { Detections = output.Detections with { MaxDetections = 2000 } }, Heads.Output("y", "N", 7, "K")), values)!;

        Assert.Equal(Enumerable.Range(0, Places).Reverse().Select(i => i % Classes), rows.Select(r => r.Label));
    }

    [Fact]
    public void YoloObjectness_ScoreIsTheProduct()
    {
        float[] values =
        [
            80, 40, 80, 40, 0.5f, 0.1f, 0.8f, // 0.4 of class 1
            300, 100, 40, 20, 0.2f, 1, 1, // unlikely to hold anything
            300, 100, 40, 20, 0.9f, 0.2f, 0.1f, // 0.18: of no class
        ];
        Near([new(1, 0.4f, 0.1f, 0.1f, 0.3f, 0.3f)], Heads.Read(Heads.Fit(Heads.Detect(2, "yolo-objectness"), Heads.Output("output", "N", 3, 7)), values));
    }

    [Fact]
    public void YoloEndToEnd_CornersInPixels() => Near(
        [new(1, 0.5f, 0.1f, 0.1f, 0.3f, 0.3f)],
        Heads.Read(Heads.Fit(Heads.Detect(2, "yolo-end-to-end"), Heads.Output("output0", "N", 2, 6)), [40, 20, 120, 60, 0.5f, 1, 0, 0, 0, 0, 0, 0]));

    [Fact]
    public void Ssd_ThreeOutputsInAnyOrder()
    {
        var fit = Heads.Fit(Heads.Detect(3), Heads.Output("scores", "N", "K"), ("labels", ServerlessLoki.TestModels.TinyOnnx.Int64, ["N", "K"]), Heads.Output("bboxes", "N", "K", 4));
        Near([new(2, 0.7f, 0.1f, 0.2f, 0.3f, 0.4f), new(0, 0.6f, 0.5f, 0.5f, 1, 1)], Heads.Read(fit, [0.7f, 0.6f], [2, 0], [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.5f, 1.5f, 1]));
    }

    [Fact]
    public void Ssd_TensorFlowsNames_TopFirstAndCounted()
    {
        var fit = Heads.Fit(
            Heads.Detect(3, "ssd"), Heads.Output("detection_anchor_indices", "N", 2), Heads.Output("detection_boxes", "N", 2, 4), Heads.Output("detection_classes", "N", 2),
            Heads.Output("detection_multiclass_scores", "N", 2, 3), Heads.Output("detection_scores", "N", 2), Heads.Output("num_detections", "N"), Heads.Output("raw_detection_boxes", "N", 9, 4));
        float[][] values = [[0, 0], [0.2f, 0.1f, 0.4f, 0.3f, 0, 0, 1, 1], [2, 1], [], [0.7f, 0.9f], [1], []];
        Near([new(2, 0.7f, 0.1f, 0.2f, 0.3f, 0.4f)], Heads.Read(fit, values));
    }

    [Fact]
    public void Ssd_WithoutABatchInPixels_AsTorchvisionGivesThem()
    {
        var fit = Heads.Fit(
            Heads.Detect(3, "ssd") with { MinScore = 0.5 },
            Heads.Output("boxes", "K", 4), ("labels", ServerlessLoki.TestModels.TinyOnnx.Int64, ["K"]), Heads.Output("scores", "K"));
        Near([new(2, 0.7f, 0.1f, 0.1f, 0.3f, 0.3f)], Heads.Read(fit, [40, 20, 120, 60, 1, 2, 3, 4], [2, 0], [0.7f, 0.4f]));
    }

    [Fact]
    public void Ssd_AScoreForEachClass_TheFirstMayBeTheBackground()
    {
        (string, int, object[])[] outputs = [Heads.Output("scores", "N", 3, 2), Heads.Output("boxes", "N", 3, 4)];
        float[][] values = [[0.1f, 0.9f, 0.95f, 0.05f, 0.2f, 0.8f], [0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 1, 1, 0.11f, 0.2f, 0.3f, 0.4f]];
        Near([new(0, 0.9f, 0.1f, 0.2f, 0.3f, 0.4f)], Heads.Read(Heads.Fit(Heads.Detect(1, "ssd"), outputs), values));
        Near([new(0, 0.95f, 0, 0, 1, 1), new(1, 0.9f, 0.1f, 0.2f, 0.3f, 0.4f)], Heads.Read(Heads.Fit(Heads.Detect(2, "ssd"), outputs), values));
    }

    [Fact]
    public void Read_OutputsThatDoNotFitEachOther_SaysHow()
    {
        var fit = Heads.Fit(Heads.Detect(3, "ssd"), Heads.Output("boxes", "N", "K", "four"), Heads.Output("scores", "N", "K"), Heads.Output("classes", "N", "K"));
        Assert.Contains("8 values of boxes, 3 scores and 3 classes", Unreadable(fit, new float[8], new float[3], new float[3]), StringComparison.Ordinal);
        Assert.Contains("8 values of boxes, 2 scores and 1 classes", Unreadable(fit, new float[8], new float[2], new float[1]), StringComparison.Ordinal);
        fit = Heads.Fit(Heads.Detect(2, "ssd"), Heads.Output("boxes", "N", "K", 4), Heads.Output("scores", "N", "K", 2));
        Assert.Contains("8 values of boxes do not go with 6 scores of 2 classes", Unreadable(fit, new float[8], new float[6]), StringComparison.Ordinal);
        fit = Heads.Fit(Heads.Detect(2, "detr"), Heads.Output("boxes", "N", "Q", 4), Heads.Output("logits", "N", "Q", 3));
        Assert.Contains("8 values of boxes do not go with 3 logits of 3 classes", Unreadable(fit, new float[8], new float[3]), StringComparison.Ordinal);
    }

    [Fact]
    public void Detr_TheLastLogitMeansNothing()
    {
        (string, int, object[])[] outputs = [Heads.Output("logits", "N", 2, 3), Heads.Output("pred_boxes", "N", 2, 4)];
        float[][] values = [[0, MathF.Log(2), 0, 0, 0, 5], [0.2f, 0.3f, 0.2f, 0.2f, 0.5f, 0.5f, 1, 1]];
        Near([new(1, 0.5f, 0.1f, 0.2f, 0.3f, 0.4f)], Heads.Read(Heads.Fit(Heads.Detect(2, "detr"), outputs), values));
        Near([new(2, 1 / (1 + MathF.Exp(-5)), 0, 0, 1, 1), new(1, 2 / 3f, 0.1f, 0.2f, 0.3f, 0.4f)],
            [.. Heads.Read(Heads.Fit(Heads.Detect(3, "detr"), outputs), values)!.OrderByDescending(r => r.Score)]);
    }

    [Theory]
    [InlineData(BoxForm.Xyxy, 0.1f, 0.2f, 0.3f, 0.6f)]
    [InlineData(BoxForm.Xywh, 0.1f, 0.2f, 0.2f, 0.4f)]
    [InlineData(BoxForm.Cxcywh, 0.2f, 0.4f, 0.2f, 0.4f)]
    [InlineData(BoxForm.Yxyx, 0.2f, 0.1f, 0.6f, 0.3f)]
    public void Rows_EveryFormOfBoxesInBothUnits_IsTheSameBox(BoxForm form, float a, float b, float c, float d)
    {
        foreach (var isNormalised in new[] { true, false })
        {
            var output = Heads.Detect(1, "rows");
            output = output with { Detections = output.Detections with { Boxes = form, IsNormalised = isNormalised } };
            var (x, y) = isNormalised ? (1, 1) : form == BoxForm.Yxyx ? (Heads.Height, Heads.Width) : (Heads.Width, Heads.Height);
            Near([new(0, 0.5f, 0.1f, 0.2f, 0.3f, 0.6f)], Heads.Read(Heads.Fit(output, Heads.Output("y", "N", 1, 6)), [a * x, b * y, c * x, d * y, 0.5f, 0]));
        }
    }

    public static TheoryData<string, float> NoNumbers()
    {
        var data = new TheoryData<string, float>();
        foreach (var name in DecoderRegistry.Default.Names)
        {
            data.Add(name, float.NaN);
            data.Add(name, float.PositiveInfinity);
        }

        return data;
    }

    /// <summary>One place of one class in each decoder's layout: any value that is no number must be noticed.</summary>
    [Theory]
    [MemberData(nameof(NoNumbers))]
    public void Read_AValueThatIsNoNumber_GivesNone(string decoder, float value)
    {
        var (outputs, values) = OnePlace(decoder);
        var fit = Heads.Fit(Heads.Detect(1, decoder), outputs);
        Assert.Single(Heads.Read(fit, values)!);
        foreach (var (output, at) in values.SelectMany((v, output) => v.Select((_, at) => (output, at))))
        {
            var broken = values.Select(v => v.ToArray()).ToArray();
            broken[output][at] = value;
            Assert.Null(Heads.Read(fit, broken));
        }
    }

    [Theory]
    [MemberData(nameof(NoNumbers))]
    public void Read_AtSteadyState_DoesNotAllocateButPoints(string decoder, float _)
    {
        var (outputs, values) = OnePlace(decoder);
        var (reading, row, rows) = (StageOutputs.Of(Heads.Fit(Heads.Detect(1, decoder), outputs), DecoderRegistry.Default), new Heads.Row(values), new List<OutputRow>());
        reading.TryRead(row, rows);
        var before = GC.GetAllocatedBytesForCurrentThread();
        reading.TryRead(row, rows);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated == 0 || rows[0].Points is not null, $"{allocated} bytes");
    }

    private static string Unreadable(OutputFit fit, params float[][] values) => Assert.Throws<ModelException>(() => Heads.Read(fit, values)).Message;

    private static ((string, int, object[])[] Outputs, float[][] Values) OnePlace(string decoder) => decoder switch
    {
        "yolo" => ([Heads.Output("y", "N", 5, 1)], [[80, 40, 80, 40, 0.9f]]),
        "yolo-objectness" => ([Heads.Output("y", "N", 1, 6)], [[80, 40, 80, 40, 0.9f, 0.9f]]),
        "ssd" => ([Heads.Output("boxes", "N", 1, 4), Heads.Output("scores", "N", 1), Heads.Output("classes", "N", 1), Heads.Output("count", "N")], [[0, 0, 1, 1], [0.9f], [0], [1]]),
        "detr" => ([Heads.Output("logits", "N", 1, 2), Heads.Output("boxes", "N", 1, 4)], [[3, 0], [0.5f, 0.5f, 1, 1]]),
        "yolo-obb" => ([Heads.Output("y", "N", 6, 1)], [[80, 40, 80, 40, 0.9f, 0.1f]]),
        "db" => ([Heads.Output("y", "N", 1, 8, 8)], [[.. Enumerable.Repeat(1f, 64)]]),
        "anchors" => ([Heads.Output("boxes", "N", 1, 4), Heads.Output("scores", "N", 1, 1), Heads.Output("points", "N", 1, 2)], [[0, 0, 0, 0], [0.9f], [0, 0]]),
        "yunet" => (
            [Heads.Output("cls_400", "N", 1, 1), Heads.Output("obj_400", "N", 1, 1), Heads.Output("bbox_400", "N", 1, 4), Heads.Output("kps_400", "N", 1, 10)],
            [[0.9f], [0.9f], [0.5f, 0.5f, 0, 0], new float[10]]),
        "yolo-pose" => ([Heads.Output("y", "N", 8, 1)], [[80, 40, 80, 40, 0.9f, 40, 20, 0.5f]]),
        "yolo-seg" => ([Heads.Output("y", "N", 6, 1), Heads.Output("prototypes", "N", 1, 2, 2)], [[80, 40, 80, 40, 0.9f, 1], [1, 1, 1, 1]]),
        _ => ([Heads.Output("y", "N", 1, 6)], [[0, 0, 1, 1, 0.9f, 0]]),
    };

    private static void Near(OutputRow[] expected, List<OutputRow>? rows)
    {
        Assert.NotNull(rows);
        Assert.Equal(expected.Select(r => r.Label), rows.Select(r => r.Label));
        foreach (var (e, r) in expected.Zip(rows))
            Assert.Equal([e.Score, e.X1, e.Y1, e.X2, e.Y2], [r.Score, r.X1, r.Y1, r.X2, r.Y2], (a, b) => Math.Abs(a - b) < 1e-5f);
    }
}

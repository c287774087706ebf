using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Turned boxes on values worked out by hand. The model's input is 400 wide and 200 high.</summary>
public sealed class TurnedBoxesTests
{
    // A square of side 1 in the middle, and the same turned by an eighth, whose common part is a regular octagon.
    private static readonly float[] s_square = [-0.5f, -0.5f, 0.5f, -0.5f, 0.5f, 0.5f, -0.5f, 0.5f];
    private static readonly float s_half = MathF.Sqrt(0.5f);

    [Fact]
    public void Overlap_OfASquareAndItselfTurned_IsThatOfTheOctagon()
    {
        var octagon = 2 * (MathF.Sqrt(2) - 1);
        Assert.Equal(octagon / (2 - octagon), QuadOverlap.Of(s_square, [-s_half, 0, 0, -s_half, s_half, 0, 0, s_half]), 1e-5f);
    }

    [Fact]
    public void Overlap_OfTheSameOrNothing_IsOneOrNone()
    {
        Assert.Equal(1, QuadOverlap.Of(s_square, s_square), 1e-6f);
        Assert.Equal(0, QuadOverlap.Of(s_square, [.. s_square.Select((v, i) => i % 2 == 0 ? v + 2 : v)]));
        Assert.Equal(0, QuadOverlap.Of(s_square, new float[8]));
        // A half beside: one third in common. The axes' scale does not matter.
        Assert.Equal(1 / 3f, QuadOverlap.Of([.. s_square.Select(Scaled)], [.. s_square.Select((v, i) => Scaled(i % 2 == 0 ? v + 0.5f : v, i))]), 1e-5f);

        static float Scaled(float value, int i) => i % 2 == 0 ? 7 * value : value / 3;
    }

    /// <summary>Two long boxes side by side, both turned: their hulls are nearly the same, and they have nothing in common. A third lies on the first.</summary>
    [Fact]
    public void YoloObb_OverlapsAreThoseOfTheTurnedBoxes()
    {
        const float Angle = MathF.PI / 4;
        float[] values =
        [
            200, 212, 201, // centre x
            100, 88, 100, // centre y
            100, 100, 100, // along
            10, 10, 10, // across
            0.9f, 0.8f, 0.7f,
            Angle, Angle, Angle,
        ];
        var rows = Heads.Read(Heads.Fit(Heads.Detect(1, "yolo-obb"), Heads.Output("output0", "N", 6, 3)), values)!;
        Assert.Equal([0.9f, 0.8f], rows.Select(r => r.Score));
        var (along, across) = (50 * MathF.Cos(Angle), 5 * MathF.Cos(Angle));
        float[] corners =
        [
            200 - along + across, 100 - along - across, 200 + along + across, 100 + along - across, 200 + along - across, 100 + along + across, 200 - along - across, 100 - along + across,
        ];
        Assert.Equal(corners.Select((c, i) => c / (i % 2 == 0 ? Heads.Width : Heads.Height)), rows[0].Points!.Values, (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void YoloObb_WhatIsNoNumber_IsRefused() =>
        Assert.Null(Heads.Read(Heads.Fit(Heads.Detect(1, "yolo-obb"), Heads.Output("output0", "N", 6, 1)), [200, 100, 20, 10, 0.9f, float.NaN]));

    [Theory]
    [InlineData("yolo-obb", 1)]
    [InlineData("db", 0)]
    public void Bind_FormOfBoxesThatAreMade_IsRefused(string decoder, int labels)
    {
        var said = Heads.Detect(labels, decoder);
        var fit = Heads.Fit(said with { Detections = said.Detections with { Boxes = BoxForm.Xyxy } }, decoder == "db" ? Heads.Output("y", "N", 1, 20, 20) : Heads.Output("y", "N", 6, 20));
        Assert.Contains("leave \"boxes\"", Heads.Fault(fit), StringComparison.Ordinal);
    }

    /// <summary>Two boxes that lie mostly outside: cut at the edge they would cover the same, as wholes they overlap little.</summary>
    [Fact]
    public void YoloObb_AtTheEdge_OverlapsAreThoseOfTheWholeBoxes()
    {
        float[] values =
        [
            0, -70, // centre x
            100, 100, // centre y
            20, 160, // along
            20, 20, // across
            0.9f, 0.8f,
            0, 0,
        ];
        var rows = Heads.Read(Heads.Fit(Heads.Detect(1, "yolo-obb"), Heads.Output("output0", "N", 6, 2)), values)!;
        Assert.Equal([0.9f, 0.8f], rows.Select(static r => r.Score));
        Assert.All(rows, static r => Assert.Equal((0f, 0.45f, 10f / 400, 0.55f), (r.X1, r.Y1, r.X2, r.Y2), static (a, b) =>
            Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) + Math.Abs(a.Item3 - b.Item3) + Math.Abs(a.Item4 - b.Item4) < 1e-5f));
        Assert.All(rows, static r => Assert.All(r.Points!.Values, static v => Assert.InRange(v, 0, 1)));
    }
}

using System.Numerics;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Regions of text in maps of 100 × 50 pixels.</summary>
public sealed class TextRegionTests
{
    private const int Width = 100, Height = 50;

    /// <summary>40 × 10 pixels, whose outermost lie 39 and 9 apart: grown by 39 × 9 × 1.5 ÷ 96 on each side.</summary>
    [Fact]
    public void Db_UprightRegion_IsGrownOnEachSide()
    {
        const float Grown = 39 * 9 * 1.5f / 96;
        var row = Assert.Single(Read(Map((x, y) => x is >= 20 and < 60 && y is >= 10 and < 20 ? 0.9f : 0.1f)));
        Near([20 - Grown, 10 - Grown, 59 + Grown, 10 - Grown, 59 + Grown, 19 + Grown, 20 - Grown, 19 + Grown], row, 1e-3f);
        Assert.Equal(0.9f, row.Score, 1e-4f);
        Assert.Equal(((20 - Grown) / Width, (19 + Grown) / Height), (row.X1, row.Y2), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-5f);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(-20)]
    [InlineData(5)]
    public void Db_TurnedRegion_HasItsCornersClockwiseFromTheTopLeft(double degrees)
    {
        var (along, middle) = (new Vector2((float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180)), new Vector2(50, 25));
        var across = new Vector2(-along.Y, along.X);
        var row = Assert.Single(Read(Map((x, y) =>
        {
            var from = new Vector2(x, y) - middle;
            return Math.Abs(Vector2.Dot(from, along)) <= 20 && Math.Abs(Vector2.Dot(from, across)) <= 5 ? 0.8f : 0;
        })));
        var grown = 40 * 10 * 1.5f / 100;
        var (u, v) = (along * (20 + grown), across * (5 + grown));
        Vector2[] corners = [middle - u - v, middle + u - v, middle + u + v, middle - u + v];
        // A pixel more or less at each edge.
        Near([.. corners.SelectMany(c => new[] { Math.Clamp(c.X, 0, Width), Math.Clamp(c.Y, 0, Height) })], row, 1.6f);
    }

    [Fact]
    public void Db_CornersThatTouch_AreOneRegion() => Assert.Single(Read(Map((x, y) => (x is >= 10 and < 20 && y is >= 10 and < 20) || (x is >= 20 and < 30 && y is >= 20 and < 30) ? 1 : 0), new() { BoxThreshold = 0.4 }));

    [Fact]
    public void Db_RegionsThatAreFaintOrTiny_AreIgnored()
    {
        var map = Map((x, y) => y is >= 10 and < 20 ? x switch { >= 5 and < 25 => 0.5f, >= 40 and < 60 => 0.7f, >= 80 and < 83 => 1, _ => 0 } : 0);
        Assert.Equal(0.7f, Assert.Single(Read(map)).Score, 1e-4f);
        Assert.Equal(2, Read(map, new() { BoxThreshold = 0.5 }).Count);
        Assert.Single(Read(map, new() { BoxThreshold = 0.5, MaxCandidates = 1 }));
        Assert.Empty(Read(map, new() { BoxThreshold = 0.5, Threshold = 0.7 }));
    }

    [Fact]
    public void Db_GrownBeyondTheMap_EndsAtItsEdge()
    {
        var row = Assert.Single(Read(Map((_, _) => 1)));
        Assert.Equal(new RowPoints([0, 0, 1, 0, 1, 1, 0, 1], 2) { AreCorners = true }, row.Points);
    }

    /// <summary>No values whatever make it throw, and there are never more regions than it may look at.</summary>
    [Fact]
    public void Db_AnyValues_NeverThrows()
    {
        var random = new Random(5);
        var fit = Fit(new() { BoxThreshold = 0, MaxCandidates = 50 });
        for (var run = 0; run < 200; run++)
        {
            var share = run / 200.0;
            var rows = Heads.Read(fit, Map((_, _) => random.NextDouble() < share ? (float)random.NextDouble() : 0));
            Assert.InRange(rows!.Count, 0, 50);
            Assert.All(rows, r => Assert.All(r.Points!.Values, v => Assert.InRange(v, 0, 1)));
        }

        Assert.Null(Heads.Read(fit, Map((x, _) => x == 3 ? float.NaN : 0)));
        Assert.Null(Heads.Read(fit, Map((x, _) => x == 3 ? float.PositiveInfinity : 0)));
    }

    [Fact]
    public void Bind_Map_IsNamedByItsCure()
    {
        Assert.Contains("say \"decoder\": \"db\"", Heads.Fault(Heads.Fit(Heads.Detect(0), Heads.Output("maps", "N", 1, 200, 400))), StringComparison.Ordinal);
        Assert.Contains("must be FP32 or FP16 [N, 1, H, W]", Heads.Fault(Heads.Fit(Heads.Detect(0, "db"), Heads.Output("maps", "N", 2, 200, 400))), StringComparison.Ordinal);
        Assert.Contains("list one", Heads.Fault(Heads.Fit(Heads.Detect(2, "db"), Heads.Output("maps", "N", 1, 200, 400))), StringComparison.Ordinal);
        Assert.Null(Heads.Fault(Heads.Fit(Heads.Detect(1, "db"), Heads.Output("maps", "N", 1, "h", "w"))));
    }

    private static void Near(float[] corners, OutputRow row, float pixels)
    {
        for (var i = 0; i < corners.Length; i++)
            Assert.Equal(corners[i], row.Points!.Values[i] * (i % 2 == 0 ? Width : Height), pixels);
    }

    private static OutputFit Fit(TextRegionForm form)
    {
        var said = Heads.Detect(0, "db");
        return Heads.Fit(said with { Detections = said.Detections with { Regions = form } }, Heads.Output("maps", "N", 1, Height, Width));
    }

    private static List<OutputRow> Read(float[] map, TextRegionForm? form = null) => Heads.Read(Fit(form ?? TextRegionForm.Default), map)!;

    private static float[] Map(Func<int, int, float> value) => [.. Enumerable.Range(0, Width * Height).Select(i => value(i % Width, i / Width))];
}

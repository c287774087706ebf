using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Stages;

/// <summary>Cut out of a picture of 40 × 20 pixels whose red is 6 times the column and whose green is 12 times the row.</summary>
public sealed class CropQuadTests
{
    private const float Unit = 1f / 255;

    [Fact]
    public void Fill_UprightCorners_IsThePartItself() =>
        Near(Crop(16, 8, Points(8, 4, 24, 4, 24, 12, 8, 12)), 16, 8, (x, y) => (6 * (8 + x), 12 * (4 + y)));

    [Fact]
    public void Fill_WithoutCorners_IsTheBox() =>
        Near(Crop(16, 8, new OutputRow(0, 1, 8 / 40f, 4 / 20f, 24 / 40f, 12 / 20f)), 16, 8, (x, y) => (6 * (8 + x), 12 * (4 + y)));

    /// <summary>Four key points are no corners, whatever they lie on.</summary>
    [Fact]
    public void Fill_FourKeyPoints_IsTheBox() => Near(
        Crop(16, 8, new OutputRow(0, 1, 8 / 40f, 4 / 20f, 24 / 40f, 12 / 20f) { Points = new RowPoints([0, 0, 1, 0, 1, 1, 0, 1], 2) }), 16, 8, (x, y) => (6 * (8 + x), 12 * (4 + y)));

    /// <summary>4 × 16 pixels: turned to the left, what was on the right is on top.</summary>
    [Fact]
    public void Fill_MuchHigherThanWide_IsTurned() =>
        Near(Crop(16, 4, Points(10, 2, 14, 2, 14, 18, 10, 18)), 16, 4, (x, y) => (6 * (13 - y), 12 * (2 + x)));

    [Fact]
    public void Fill_TurnedCorners_AreMadeUpright()
    {
        // A square on its corner, of side √128: 11 pixels, whose middle one is the middle.
        var pixels = Crop(11, 11, Points(20, 2, 28, 10, 20, 18, 12, 10));
        Assert.Equal(6 * 19.5f * Unit, pixels[(11 * 5) + 5], 1.01f * Unit);
        Assert.Equal(12 * 9.5f * Unit, pixels[121 + (11 * 5) + 5], 1.01f * Unit);
        // Along the upper side, which leads to the lower right, both grow by the same way.
        var step = 8f / 11;
        Assert.Equal(6 * 8 * step * Unit, pixels[(11 * 5) + 9] - pixels[(11 * 5) + 1], 2.01f * Unit);
        Assert.Equal(12 * 8 * step * Unit, pixels[121 + (11 * 5) + 9] - pixels[121 + (11 * 5) + 1], 2.01f * Unit);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0, 0)]
    [InlineData(0, 0, 40, 20, 0, 0, 40, 20)]
    [InlineData(40, 20, 0, 20, 0, 0, 40, 0)]
    public void Fill_CornersOfNoArea_GivesSomePartOfThePicture(float a, float b, float c, float d, float e, float f, float g, float h) =>
        Assert.All(Crop(8, 8, Points(a, b, c, d, e, f, g, h)), v => Assert.InRange(v, 0, 1));

    private static OutputRow Points(params float[] pixels) => new(0, 1, 0, 0, 1, 1)
    {
        Points = new RowPoints([.. pixels.Select((p, i) => p / (i % 2 == 0 ? 40 : 20))], 2) { AreCorners = true },
    };

    private static float[] Crop(int width, int height, OutputRow row)
    {
        using var model = OnnxModel.Load("m", TinyOnnx.Scale(1, height, width), new ModelOptions());
        using var runner = model.CreateRunner();
        using var image = RgbImage.Over(40, 20, [.. Enumerable.Range(0, 800).SelectMany(i => new byte[] { (byte)(6 * (i % 40)), (byte)(12 * (i / 40)), 0 })]);
        new CropQuad().Fill(new StageSource(image, row, default), new TransformConfig("crop-quad", ImmutableSortedDictionary<string, double>.Empty), model.Inputs[0], runner.InputRowBytes(0));
        return runner.InputRow(0).ToArray();
    }

    private static void Near(float[] pixels, int width, int height, Func<int, int, (int Red, int Green)> expected)
    {
        for (var i = 0; i < width * height; i++)
        {
            var (red, green) = expected(i % width, i / width);
            Assert.Equal(red * Unit, pixels[i], 1.01f * Unit);
            Assert.Equal(green * Unit, pixels[(width * height) + i], 1.01f * Unit);
        }
    }
}

using ServerlessLoki.Samples.Painting;

namespace ServerlessLoki.Samples.Tests;

public sealed class CanvasTests
{
    private static readonly Rgb s_red = new(200, 0, 0);

    [Fact]
    public void Extent_AfterARectangle_IsThatRectangle()
    {
        var canvas = new Canvas(20, 20);
        canvas.Own(1);
        canvas.Rect(3, 4, 8.5, 10, s_red);

        var (count, box) = canvas.Extent();

        Assert.Equal(new SceneBox(3, 4, 8.5, 10), box);
        Assert.Equal(11 * 12, count);
    }

    [Fact]
    public void Visible_AfterSomethingCoversHalf_IsTheOtherHalf()
    {
        var canvas = new Canvas(20, 20);
        canvas.Own(1);
        canvas.Rect(0, 0, 10, 10, s_red);
        canvas.Own(2);
        canvas.Rect(0, 5, 10, 20, s_red);

        Assert.Equal(200, canvas.Visible(1));
    }

    [Fact]
    public void Visible_UnderTranslucentPaint_IsUnchanged()
    {
        var canvas = new Canvas(20, 20);
        canvas.Own(1);
        canvas.Rect(0, 0, 10, 10, s_red);
        canvas.Own(2);
        canvas.Rect(0, 0, 20, 20, s_red, 0.5);

        Assert.Equal(400, canvas.Visible(1));
        Assert.Equal(0, canvas.Extent().Count);
    }

    [Fact]
    public void Polygon_Triangle_CoversHalfItsBox()
    {
        var canvas = new Canvas(64, 64);
        canvas.Own(1);
        canvas.Polygon([0, 0, 64, 0, 0, 64], s_red);

        Assert.InRange(canvas.Extent().Count / (128.0 * 128), 0.49, 0.51);
    }
}

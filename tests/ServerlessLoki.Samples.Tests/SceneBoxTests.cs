namespace ServerlessLoki.Samples.Tests;

public sealed class SceneBoxTests
{
    [Theory]
    [InlineData(0, 0, 10, 10, 1)]
    [InlineData(5, 0, 15, 10, 1 / 3.0)]
    [InlineData(10, 0, 20, 10, 0)]
    [InlineData(2, 2, 4, 4, 0.04)]
    public void Iou_WithTheUnitSquare_IsOverlapOverUnion(double x1, double y1, double x2, double y2, double expected) =>
        Assert.Equal(expected, new SceneBox(0, 0, 10, 10).Iou(new SceneBox(x1, y1, x2, y2)), 9);

    [Fact]
    public void Iou_OfEmptyBoxes_IsZero() => Assert.Equal(0, default(SceneBox).Iou(default));
}

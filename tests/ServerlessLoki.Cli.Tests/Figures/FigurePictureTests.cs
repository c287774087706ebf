using ServerlessLoki.Cli.Figures;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Tests.Figures;

public sealed class FigurePictureTests
{
    private static RgbImage Draw(IReadOnlyList<Figure> figures, int columns = 1) =>
        PictureCodec.Decode(FigurePicture.Render(figures, columns, 480, 240), ImageLimits.Default);

    [Theory]
    [InlineData(1, 1, 960, 480)]
    [InlineData(3, 1, 960, 1440)]
    [InlineData(3, 2, 1920, 960)]
    public void Render_Figures_DecodesWithTheSizeOfItsRowsAndColumns(int count, int columns, int width, int height)
    {
        using var picture = Draw([.. Enumerable.Repeat(SampleFigures.Lines, count)], columns);

        Assert.Equal((width, height), (picture.Width, picture.Height));
    }

    [Fact]
    public void Render_AnyKind_ShowsEachSeriesInItsColour() => Assert.All([SampleFigures.Lines, SampleFigures.Stacked, SampleFigures.Log], figure =>
    {
        using var picture = Draw([figure]);
        Assert.All(figure.Series, s => Assert.InRange(Count(picture, s.Color.Light), 30, picture.Width * picture.Height / 2));
    });

    [Fact]
    public void Render_SecondFigure_LiesBelowTheFirst()
    {
        using var picture = Draw([SampleFigures.Stacked, SampleFigures.Log with { Series = [SampleFigures.Log.Series[0] with { Color = FigureColor.Of(1) }] }]);

        Assert.Equal(0, Count(picture, FigureColor.Of(1).Light, to: picture.Height / 2));
        Assert.Equal(0, Count(picture, FigureColor.Of(0).Light, from: picture.Height / 2));
    }

    [Fact]
    public void Render_Gap_BreaksTheLine()
    {
        var whole = SampleFigures.Lines with { Series = [SampleFigures.Blue with { Y = [30, 30, 30, 30, 30] }] };
        using var all = Draw([whole]);
        using var broken = Draw([whole with { Series = [SampleFigures.Blue with { Y = [30, 30, double.NaN, 30, 30] }] }]);

        // Two of four stretches are left.
        Assert.InRange(Count(broken, SampleFigures.Blue.Color.Light), Count(all, SampleFigures.Blue.Color.Light) / 4, Count(all, SampleFigures.Blue.Color.Light) * 3 / 4);
    }

    [Fact]
    public void Render_NothingMeasured_StillDrawsTheAxes() => Assert.All(
        [
            SampleFigures.Lines with { Series = [] }, SampleFigures.Stacked with { Series = [] }, SampleFigures.Log with { Series = [] },
            SampleFigures.Lines with { Series = [SampleFigures.Blue with { X = [], Y = [] }] }, SampleFigures.Stacked with { Series = [SampleFigures.Blue with { X = [], Y = [] }] },
            SampleFigures.Lines with { Series = [SampleFigures.Blue with { Y = [double.NaN, double.NaN, double.NaN, double.NaN, double.NaN] }] },
        ],
        figure =>
        {
            using var picture = Draw([figure]);
            Assert.InRange(Count(picture, "#ffffff"), 1, (picture.Width * picture.Height) - 500);
        });

    [Fact]
    public void Render_Twice_IsTheSame() => Assert.Equal(
        FigurePicture.Render([SampleFigures.Lines, SampleFigures.Log], 2, 300, 200), FigurePicture.Render([SampleFigures.Lines, SampleFigures.Log], 2, 300, 200));

    private static int Count(RgbImage picture, string color, int from = 0, int? to = null)
    {
        var wanted = Convert.FromHexString(color.AsSpan(1));
        var count = 0;
        for (var i = from * picture.Width; i < (to ?? picture.Height) * picture.Width; i++)
            count += picture.Pixels.Slice(i * 3, 3).SequenceEqual(wanted) ? 1 : 0;
        return count;
    }
}

using ServerlessLoki.Cli.Annotate;
using ServerlessLoki.Cli.Drawing;
using ServerlessLoki.Serving.Imaging;
using SkiaSharp;

namespace ServerlessLoki.Cli.Tests.Annotate;

public sealed class AnnotatorTests
{
    [Fact]
    public void Draw_Mark_ColoursItsFrameAndLeavesTheRest()
    {
        using var source = RgbImage.Over(320, 240, new byte[320 * 240 * 3]);

        using var image = Annotator.Draw(source, [new Mark(0.25, 0.5, 0.5, 0.75, "taxi 0.97", 0)]);

        Assert.Equal((960, 720), (image.Width, image.Height));
        Assert.Equal([47, 125, 225], Pixel(image, 241, 400));
        Assert.Equal([0, 0, 0], Pixel(image, 360, 450));
        Assert.All(source.Pixels.ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public void Draw_MarksAtTheEdgesAndOutside_StayInside()
    {
        using var source = RgbImage.Over(20, 10, new byte[20 * 10 * 3]);

        using var image = Annotator.Draw(source, [new Mark(-1, -1, 0.1, 0.1, "a very long label indeed", 7), new Mark(0.9, 0.9, 2, 2, "b", 1), new Mark(0.5, 0.5, 0.5, 0.5, "", 2)]);

        Assert.Equal(80, image.Width);
    }

    [Theory]
    [InlineData("taxi 0.97")]
    [InlineData("größer µs %")]
    public void Draw_Label_IsInkedWithItsOwnText(string text)
    {
        using var source = RgbImage.Over(320, 240, new byte[320 * 240 * 3]);

        using var labelled = Annotator.Draw(source, [new Mark(0.25, 0.5, 0.5, 0.75, text, 0)]);
        using var other = Annotator.Draw(source, [new Mark(0.25, 0.5, 0.5, 0.75, new string(' ', 40), 0)]);

        Assert.InRange(White(labelled), 50, 5000);
        Assert.Equal(0, White(other));
    }

    [Fact]
    public void Font_CharactersOfLabels_HaveGlyphs()
    {
        using var font = new SKFont(InterFont.Face, 17);

        Assert.All("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-%:/_äéñßø", c => Assert.NotEqual(0, font.GetGlyph(c)));
    }

    private static int White(RgbImage image)
    {
        var count = 0;
        for (var i = 0; i < image.Width * image.Height; i++)
            count += image.Pixels.Slice(i * 3, 3).SequenceEqual((ReadOnlySpan<byte>)[255, 255, 255]) ? 1 : 0;
        return count;
    }

    private static byte[] Pixel(RgbImage image, int x, int y) => image.Pixels.Slice(((y * image.Width) + x) * 3, 3).ToArray();
}

using ServerlessLoki.Cli.Annotate;
using ServerlessLoki.Serving.Imaging;

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

    [Fact]
    public void Font_EveryCharacterOfLabels_HasItsOwnInk()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var character in "abcdefghijklmnopqrstuvwxyz0123456789.-%:/_")
        {
            var cells = new List<string>();
            BitmapFont.Draw(character.ToString(), (x, y) => cells.Add($"{x},{y}"));
            Assert.NotEmpty(cells);
            Assert.True(seen.Add(string.Join(' ', cells)), $"'{character}' looks like another");
        }

        Assert.Equal(BitmapFont.Width("abc"), BitmapFont.Width("ABC"));
    }

    private static byte[] Pixel(RgbImage image, int x, int y) => image.Pixels.Slice(((y * image.Width) + x) * 3, 3).ToArray();
}

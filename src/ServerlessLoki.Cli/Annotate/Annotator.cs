using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Cli.Annotate;

/// <summary>Draws boxes and labels into an image.</summary>
internal static class Annotator
{
    private const int TextScale = 2;
    private const int Padding = 4;
    private const int Line = 3;

    private static readonly (byte R, byte G, byte B)[] Colors =
        [(47, 125, 225), (232, 131, 58), (31, 158, 137), (194, 80, 125), (125, 91, 208), (91, 140, 42)];

    /// <summary>A larger copy with one box and one chip of text per mark. The source is not changed; the caller owns the copy.</summary>
    /// <param name="source">The image.</param>
    /// <param name="marks">What to draw; marks of the same group share a colour.</param>
    public static RgbImage Draw(RgbImage source, IReadOnlyList<Mark> marks)
    {
        // Small images grow, so that text stays smaller than what it names.
        var scale = Math.Clamp(960 / Math.Max(source.Width, source.Height), 1, 4);
        var image = Enlarge(source, scale);
        var taken = new List<(int X, int Y, int Width, int Height)>();
        foreach (var mark in marks)
            Frame(image, mark);
        foreach (var mark in marks)
            Chip(image, mark, taken);
        return image;
    }

    private static RgbImage Enlarge(RgbImage source, int scale)
    {
        var image = RgbImage.Rent(source.Width * scale, source.Height * scale);
        var from = source.Pixels;
        var to = image.Pixels;
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var at = ((y / scale * source.Width) + (x / scale)) * 3;
                from.Slice(at, 3).CopyTo(to[(((y * image.Width) + x) * 3)..]);
            }
        }

        return image;
    }

    private static void Frame(RgbImage image, Mark mark)
    {
        var (x1, y1, x2, y2) = Corners(image, mark);
        var color = Colors[mark.Group % Colors.Length];
        Fill(image, x1, y1, x2 - x1, Line, color, 1);
        Fill(image, x1, y2 - Line, x2 - x1, Line, color, 1);
        Fill(image, x1, y1, Line, y2 - y1, color, 1);
        Fill(image, x2 - Line, y1, Line, y2 - y1, color, 1);
    }

    private static void Chip(RgbImage image, Mark mark, List<(int X, int Y, int Width, int Height)> taken)
    {
        var (x1, y1, _, y2) = Corners(image, mark);
        var width = (BitmapFont.Width(mark.Text) * TextScale) + (2 * Padding);
        var height = (BitmapFont.Height * TextScale) + Padding;
        var x = Math.Clamp(x1, 0, Math.Max(0, image.Width - width));
        // Above the box, else below, else inside; the first place that no other chip has.
        int[] places = [y1 - height, y2, y1 + Line, y2 - height - Line];
        var y = places.FirstOrDefault(p => Free(p), Math.Clamp(y1 - height, 0, image.Height - height));
        taken.Add((x, y, width, height));
        Fill(image, x, y, width, height, Colors[mark.Group % Colors.Length], 0.92);
        BitmapFont.Draw(mark.Text, (column, row) => Fill(
            image, x + Padding + (column * TextScale), y + (Padding / 2) + 1 + (row * TextScale), TextScale, TextScale, (255, 255, 255), 1));

        bool Free(int top) => top >= 0 && top + height <= image.Height
            && taken.TrueForAll(t => x >= t.X + t.Width || t.X >= x + width || top >= t.Y + t.Height || t.Y >= top + height);
    }

    private static (int X1, int Y1, int X2, int Y2) Corners(RgbImage image, Mark mark)
    {
        var x1 = (int)Math.Round(Math.Clamp(mark.X1, 0, 1) * image.Width);
        var y1 = (int)Math.Round(Math.Clamp(mark.Y1, 0, 1) * image.Height);
        return (x1, y1, Math.Max(x1 + Line, (int)Math.Round(Math.Clamp(mark.X2, 0, 1) * image.Width)),
            Math.Max(y1 + Line, (int)Math.Round(Math.Clamp(mark.Y2, 0, 1) * image.Height)));
    }

    private static void Fill(RgbImage image, int left, int top, int width, int height, (byte R, byte G, byte B) color, double opacity)
    {
        var pixels = image.Pixels;
        for (var y = Math.Max(0, top); y < Math.Min(image.Height, top + height); y++)
        {
            for (var x = Math.Max(0, left); x < Math.Min(image.Width, left + width); x++)
            {
                var at = ((y * image.Width) + x) * 3;
                pixels[at] = Mix(pixels[at], color.R, opacity);
                pixels[at + 1] = Mix(pixels[at + 1], color.G, opacity);
                pixels[at + 2] = Mix(pixels[at + 2], color.B, opacity);
            }
        }
    }

    private static byte Mix(byte under, byte over, double opacity) => (byte)((under * (1 - opacity)) + (over * opacity) + 0.5);
}

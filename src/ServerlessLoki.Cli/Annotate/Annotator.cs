using ServerlessLoki.Cli.Drawing;
using ServerlessLoki.Serving.Imaging;
using SkiaSharp;

namespace ServerlessLoki.Cli.Annotate;

/// <summary>Drawing of boxes and labels into an image.</summary>
internal static class Annotator
{
    private const float TextSize = 17;
    private const int Padding = 4;
    private const int Line = 3;

    private static readonly SKColor[] Colors =
        [new(47, 125, 225), new(232, 131, 58), new(31, 158, 137), new(194, 80, 125), new(125, 91, 208), new(91, 140, 42)];

    /// <summary>Makes a larger copy with one box and one text label per mark. The source is not changed; the caller owns the
    /// copy.</summary>
    /// <param name="source">Image to copy.</param>
    /// <param name="marks">Marks to draw; those of the same group share a colour.</param>
    public static RgbImage Draw(RgbImage source, IReadOnlyList<Mark> marks)
    {
        // Small images grow, so that text stays smaller than what it names.
        var scale = Math.Clamp(960 / Math.Max(source.Width, source.Height), 1, 4);
        using var drawn = new SKBitmap(new SKImageInfo(source.Width * scale, source.Height * scale, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(drawn);
        using (var picture = Image(source))
            canvas.DrawImage(picture, SKRect.Create(drawn.Width, drawn.Height), SKSamplingOptions.Default);
        using var font = new SKFont(InterFont.Face, TextSize);
        var taken = new List<SKRectI>();
        foreach (var mark in marks)
            Frame(canvas, Box(drawn, mark), ColorOf(mark));
        foreach (var mark in marks)
            Chip(canvas, drawn.Info.Rect, Box(drawn, mark), mark, font, taken);
        canvas.Flush();
        return Copy(drawn);
    }

    private static void Frame(SKCanvas canvas, SKRectI box, SKColor color)
    {
        using var pen = new SKPaint { Color = color, IsStroke = true, StrokeWidth = Line };
        var middle = SKRect.Create(box.Left, box.Top, box.Width, box.Height);
        middle.Inflate(-Line / 2f, -Line / 2f);
        canvas.DrawRect(middle, pen);
    }

    private static void Chip(SKCanvas canvas, SKRectI image, SKRectI box, Mark mark, SKFont font, List<SKRectI> taken)
    {
        var width = (int)Math.Ceiling(font.MeasureText(mark.Text)) + (2 * Padding);
        var height = (int)Math.Ceiling(font.Metrics.Descent - font.Metrics.Ascent) + Padding;
        var x = Math.Clamp(box.Left, 0, Math.Max(0, image.Width - width));
        // Above the box, else below, else inside; the first place that no other chip has.
        int[] places = [box.Top - height, box.Bottom, box.Top + Line, box.Bottom - height - Line];
        var y = places.FirstOrDefault(
            p => image.Contains(SKRectI.Create(x, p, 1, height)) && !taken.Exists(t => t.IntersectsWith(SKRectI.Create(x, p, width, height))),
            Math.Clamp(box.Top - height, 0, Math.Max(0, image.Height - height)));
        var chip = SKRectI.Create(x, y, width, height);
        taken.Add(chip);
        using var fill = new SKPaint { Color = ColorOf(mark).WithAlpha(235) };
        using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
        canvas.DrawRect(chip, fill);
        canvas.DrawText(mark.Text, x + Padding, y + (Padding / 2) - font.Metrics.Ascent, SKTextAlign.Left, font, ink);
    }

    private static SKRectI Box(SKBitmap image, Mark mark)
    {
        var x1 = At(mark.X1, image.Width);
        var y1 = At(mark.Y1, image.Height);
        return new SKRectI(x1, y1, Math.Max(x1 + Line, At(mark.X2, image.Width)), Math.Max(y1 + Line, At(mark.Y2, image.Height)));
    }

    private static int At(double share, int length) => (int)Math.Round(Math.Clamp(share, 0, 1) * length);

    private static SKColor ColorOf(Mark mark) => Colors[mark.Group % Colors.Length];

    private static SKImage Image(RgbImage source)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(source.Width, source.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var from = source.Pixels;
        var to = bitmap.GetPixelSpan();
        for (var i = 0; i < source.Width * source.Height; i++)
        {
            from.Slice(i * 3, 3).CopyTo(to[(i * 4)..]);
            to[(i * 4) + 3] = byte.MaxValue;
        }

        return SKImage.FromBitmap(bitmap);
    }

    private static RgbImage Copy(SKBitmap drawn)
    {
        var image = RgbImage.Rent(drawn.Width, drawn.Height);
        var from = drawn.GetPixelSpan();
        var to = image.Pixels;
        for (var i = 0; i < drawn.Width * drawn.Height; i++)
            from.Slice(i * 4, 3).CopyTo(to[(i * 3)..]);
        return image;
    }
}

using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Position of a part of an image in a model's input.</summary>
/// <param name="Region">Part to sample, in fractions of the image.</param>
/// <param name="Seen">Part as sampled: at least a pixel, cut at the image's edges.</param>
/// <param name="Left">First column of the input that shows the part.</param>
/// <param name="Top">First row of the input that shows the part.</param>
/// <param name="Width">Number of columns that show the part.</param>
/// <param name="Height">Number of rows that show the part.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ImagePlacement(ImageRegion Region, ImageRegion Seen, int Left, int Top, int Width, int Height)
{
    /// <summary>Computes the position of a part of an image.</summary>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="region">Part of the image; grown to a pixel where it is smaller, and cut at the image's edges.</param>
    /// <param name="shape">Shape of the model's input.</param>
    /// <param name="form">Conversion of the image.</param>
    public static ImagePlacement Of(int width, int height, ImageRegion region, ImageShape shape, ImageForm form)
    {
        var (left, columns) = ImageResampler.Cut(region.X1, region.X2, width);
        var (top, rows) = ImageResampler.Cut(region.Y1, region.Y2, height);
        if (form.Fit == ImageFit.CenterCrop)
        {
            var each = (float)form.Crop * Math.Min(columns / shape.Width, rows / shape.Height);
            (left, columns) = (left + ((columns - (each * shape.Width)) / 2), each * shape.Width);
            (top, rows) = (top + ((rows - (each * shape.Height)) / 2), each * shape.Height);
        }

        var seen = new ImageRegion(left / width, top / height, (left + columns) / width, (top + rows) / height);
        if (form.Fit != ImageFit.Letterbox)
            return new ImagePlacement(form.Fit == ImageFit.CenterCrop ? seen : region, seen, 0, 0, shape.Width, shape.Height);
        var scale = Math.Min(shape.Width / columns, shape.Height / rows);
        var (wide, high) = (Side(columns * scale, shape.Width), Side(rows * scale, shape.Height));
        return new ImagePlacement(region, seen, (shape.Width - wide) / 2, (shape.Height - high) / 2, wide, high);
    }

    /// <summary>Tests whether every column and row of the input shows the image.</summary>
    public bool Covers(ImageShape shape) => Width == shape.Width && Height == shape.Height;

    /// <summary>Maps a box in fractions of the input to fractions of the image, cut at the edges of the visible part; empty where it lies
    /// in the border.</summary>
    public OutputRow OnPicture(in OutputRow row, ImageShape shape) => row with
    {
        X1 = At(row.X1 * shape.Width, Left, Width, Seen.X1, Seen.X2),
        X2 = At(row.X2 * shape.Width, Left, Width, Seen.X1, Seen.X2),
        Y1 = At(row.Y1 * shape.Height, Top, Height, Seen.Y1, Seen.Y2),
        Y2 = At(row.Y2 * shape.Height, Top, Height, Seen.Y1, Seen.Y2),
        Points = OnPicture(row.Points, shape),
    };

    /// <summary>A point of the picture → the same in fractions of the input; outside 0..1 where the input does not show it.</summary>
    public (float X, float Y) OnInput(float x, float y, ImageShape shape) => (
        (Left + ((x - Seen.X1) / (Seen.X2 - Seen.X1) * Width)) / shape.Width,
        (Top + ((y - Seen.Y1) / (Seen.Y2 - Seen.Y1) * Height)) / shape.Height);

    private RowPoints? OnPicture(RowPoints? points, ImageShape shape)
    {
        if (points is null)
            return null;
        var values = points.Values.ToArray();
        for (var i = 0; i + 1 < values.Length; i += points.Width)
        {
            values[i] = At(values[i] * shape.Width, Left, Width, Seen.X1, Seen.X2);
            values[i + 1] = At(values[i + 1] * shape.Height, Top, Height, Seen.Y1, Seen.Y2);
        }

        return new RowPoints([.. values], points.Width) { AreCorners = points.AreCorners };
    }

    // Half a pixel over goes to the right and below, as Ultralytics' letterbox has it.
    private static int Side(float pixels, int most) => Math.Clamp((int)MathF.Round(pixels), 1, most);

    private static float At(float value, int start, int length, float from, float to) => from + (Math.Clamp((value - start) / length, 0, 1) * (to - from));
}

using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Where a part of a picture lies in a model's input.</summary>
/// <param name="Region">The part to sample, in fractions of the picture.</param>
/// <param name="Seen">The same as it is sampled: at least a pixel, cut at the picture's edges.</param>
/// <param name="Left">First column of the input that shows it.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns that show it.</param>
/// <param name="Height">Rows.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ImagePlacement(ImageRegion Region, ImageRegion Seen, int Left, int Top, int Width, int Height)
{
    /// <summary>Places a part of a picture.</summary>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="region">The part; grown to a pixel where it is less, and cut at the picture's edges.</param>
    /// <param name="shape">The model's input.</param>
    /// <param name="form">How it is fitted.</param>
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

    /// <summary>True where every column and row of the input shows the picture.</summary>
    public bool Covers(ImageShape shape) => Width == shape.Width && Height == shape.Height;

    /// <summary>A box in fractions of the input → the same in fractions of the picture, cut at the edges of what is seen; empty where it
    /// lies in the border.</summary>
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

        return new RowPoints([.. values], points.Width);
    }

    // Half a pixel over goes to the right and below, as Ultralytics' letterbox has it.
    private static int Side(float pixels, int most) => Math.Clamp((int)MathF.Round(pixels), 1, most);

    private static float At(float value, int start, int length, float from, float to) => from + (Math.Clamp((value - start) / length, 0, 1) * (to - from));
}

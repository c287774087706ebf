namespace ServerlessLoki.Serving.Imaging;

/// <summary>Part of an image, in fractions of its width and height (0..1).</summary>
/// <param name="X1">Left edge.</param>
/// <param name="Y1">Top edge.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
public readonly record struct ImageRegion(float X1, float Y1, float X2, float Y2)
{
    /// <summary>The whole image.</summary>
    public static ImageRegion Whole { get; } = new(0, 0, 1, 1);

    /// <summary>Returns the region grown on each side by <paramref name="margin"/> times its own width or height, and cut at the image's
    /// edges.</summary>
    public ImageRegion Grow(float margin)
    {
        var (dx, dy) = ((X2 - X1) * margin, (Y2 - Y1) * margin);
        return new ImageRegion(
            Math.Clamp(X1 - dx, 0, 1), Math.Clamp(Y1 - dy, 0, 1), Math.Clamp(X2 + dx, 0, 1), Math.Clamp(Y2 + dy, 0, 1));
    }
}

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Largest image that is read; checked before any memory for it is taken.</summary>
/// <param name="MaxWidth">Pixels; at least 1.</param>
/// <param name="MaxHeight">Pixels; at least 1.</param>
/// <param name="MaxPixels">Width × height; at least 1.</param>
public readonly record struct ImageLimits(int MaxWidth, int MaxHeight, long MaxPixels)
{
    /// <summary>8,192 × 8,192 and 16 megapixels.</summary>
    public static ImageLimits Default { get; } = new(8192, 8192, 16L << 20);
}

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Largest image that is read; checked before memory is allocated.</summary>
/// <param name="MaxWidth">Largest width, pixels; at least 1.</param>
/// <param name="MaxHeight">Largest height, pixels; at least 1.</param>
/// <param name="MaxPixels">Largest product of width and height, pixels; at least 1.</param>
public readonly record struct ImageLimits(int MaxWidth, int MaxHeight, long MaxPixels)
{
    /// <summary>Default limits: 8,192 × 8,192 and 16 megapixels.</summary>
    public static ImageLimits Default { get; } = new(8192, 8192, 16L << 20);
}

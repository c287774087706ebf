namespace ServerlessLoki.Serving.Imaging;

/// <summary>Colour types of a PNG header.</summary>
internal enum PngColor : byte
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    RgbAlpha = 6,
}

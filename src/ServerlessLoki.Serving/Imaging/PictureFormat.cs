namespace ServerlessLoki.Serving.Imaging;

/// <summary>Formats of image files that are read.</summary>
public enum PictureFormat
{
    /// <summary>PNG, first frame where it is animated.</summary>
    Png,

    /// <summary>JPEG: baseline or progressive; grey, colour or CMYK.</summary>
    Jpeg,

    /// <summary>WebP, lossy or lossless, first frame where it is animated.</summary>
    Webp,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>GIF, first frame.</summary>
    Gif,
}

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Names of image formats, and detection of a file's format.</summary>
public static class PictureFormats
{
    private static readonly (PictureFormat Format, string Name, string[] MediaTypes)[] All =
    [
        (PictureFormat.Png, "PNG", ["image/png"]),
        (PictureFormat.Jpeg, "JPEG", ["image/jpeg", "image/jpg"]),
        (PictureFormat.Webp, "WebP", ["image/webp"]),
        (PictureFormat.Bmp, "BMP", ["image/bmp", "image/x-ms-bmp"]),
        (PictureFormat.Gif, "GIF", ["image/gif"]),
    ];

    /// <summary>Names of all formats, for messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(f => f.Name));

    /// <summary>The media type of each format, for messages.</summary>
    public static string MediaTypes { get; } = string.Join(", ", All.Select(f => f.MediaTypes[0]));

    /// <summary>Returns the format's name.</summary>
    public static string Name(this PictureFormat format) => All[(int)format].Name;

    /// <summary>Returns the format's media type.</summary>
    public static string MediaType(this PictureFormat format) => All[(int)format].MediaTypes[0];

    /// <summary>Tests whether a media type is that of a supported image format.</summary>
    public static bool IsMediaType(ReadOnlySpan<char> mediaType)
    {
        foreach (var (_, _, types) in All)
        {
            foreach (var type in types)
            {
                if (mediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Finds the format by the first bytes of the file, whatever its media type; null for another format.</summary>
    public static PictureFormat? Find(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
            return PictureFormat.Png;
        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return PictureFormat.Jpeg;
        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8))
            return PictureFormat.Webp;
        if (file.StartsWith("BM"u8))
            return PictureFormat.Bmp;
        return file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8) ? PictureFormat.Gif : null;
    }

    internal static PictureFormat Require(ReadOnlySpan<byte> file) => Find(file) ?? throw new ImageFormatException(NotOne(file));

    /// <summary>Describes what was found instead of an image, and which formats are allowed.</summary>
    internal static string NotOne(ReadOnlySpan<byte> file) => file.IsEmpty
        ? $"No picture: there are no bytes. Pictures may be {Names}."
        : $"No picture that is read: the first bytes are {Convert.ToHexString(file[..Math.Min(8, file.Length)])}. Pictures may be {Names}.";
}

using System.IO.Compression;
using ServerlessLoki.Serving.Memory;
using SkiaSharp;

namespace ServerlessLoki.Serving.Imaging;

/// <summary>Codec of image files by Skia: reads PNG, JPEG, WebP, BMP and GIF (first frame), and writes PNG.</summary>
/// <remarks>Pixels are the file's samples: alpha and colour profiles are ignored, 16-bit samples keep their high byte, grey becomes RGB. The
/// orientation that a camera noted is applied. Nothing native outlives a call.</remarks>
public static unsafe class PictureCodec
{
    private const int Rgba = 4;

    /// <summary>Reads size and format from the header; nothing is decompressed.</summary>
    /// <exception cref="ImageFormatException">The header is missing or malformed, or the image exceeds the limits.</exception>
    public static PictureHeader Header(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = Open(data, file, limits, out var header);
            return header;
        }
    }

    /// <summary>Checks the header, and for PNG, JPEG and WebP that the file is complete; nothing is decompressed.</summary>
    /// <exception cref="ImageFormatException">The file is not complete, or the image exceeds the limits.</exception>
    public static void Check(ReadOnlySpan<byte> file, ImageLimits limits) => PictureFile.RequireWhole(Header(file, limits).Format, file);

    /// <summary>Reads an image. The caller owns it.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="limits">Largest image allowed.</param>
    /// <exception cref="ImageFormatException">The bytes are malformed or not complete, or the image exceeds the limits.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = Open(data, file, limits, out var header);
            PictureFile.RequireWhole(header.Format, file);
            return Decode(codec, header);
        }
    }

    /// <summary>Writes an image as 8-bit RGB.</summary>
    /// <param name="image">Image to write; not changed.</param>
    /// <param name="level">Trade-off between time and size.</param>
    public static byte[] EncodePng(RgbImage image, CompressionLevel level = CompressionLevel.Fastest)
    {
        ArgumentNullException.ThrowIfNull(image);
        var block = BlockPool.Rent(checked(image.Width * image.Height * Rgba));
        try
        {
            PixelLayout.Widen(image.Pixels, block);
            fixed (byte* pixels = block)
            {
                var info = Info(image.Width, image.Height, SKAlphaType.Opaque);
                using var pixmap = new SKPixmap(info, (nint)pixels, info.RowBytes);
                using var png = pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, level switch
                {
                    CompressionLevel.NoCompression => 0,
                    CompressionLevel.Fastest => 1,
                    CompressionLevel.Optimal => 6,
                    _ => 9,
                }));
                return png!.ToArray();
            }
        }
        finally
        {
            BlockPool.Return(block);
        }
    }

    /// <summary>Writes bytes of brightness as an 8-bit grey image.</summary>
    internal static byte[] EncodeGrey(ReadOnlySpan<byte> pixels, int width, int height)
    {
        fixed (byte* start = pixels)
        {
            using var pixmap = new SKPixmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque), (nint)start, width);
            using var png = pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.AllFilters, 1));
            return png!.ToArray();
        }
    }

    private static SKCodec Open(SKData data, ReadOnlySpan<byte> file, ImageLimits limits, out PictureHeader header)
    {
        var format = PictureFormats.Require(file);
        if (PictureFile.Claimed(format, file) is { } claimed)
            Bound(format, claimed.Width, claimed.Height, limits);
        var codec = SKCodec.Create(data) ?? throw new ImageFormatException($"{format.Name()}: the header is malformed or cut.");
        try
        {
            var (width, height) = (codec.Info.Width, codec.Info.Height);
            Bound(format, width, height, limits);
            var origin = codec.EncodedOrigin;
            var bytesPerPixel = Rgba + PictureFile.WorkBytes(format, file) + (origin == SKEncodedOrigin.TopLeft ? 0 : 3);
            (width, height) = PixelLayout.Upright(origin, width, height);
            header = new PictureHeader(format, width, height, (long)bytesPerPixel * width * height);
            return codec;
        }
        catch
        {
            codec.Dispose();
            throw;
        }
    }

    private static void Bound(PictureFormat format, long width, long height, ImageLimits limits)
    {
        if (width < 1 || height < 1)
            throw new ImageFormatException($"{format.Name()}: {width} × {height} pixels; each side must be at least 1.");
        if (width > limits.MaxWidth || height > limits.MaxHeight || width * height > limits.MaxPixels)
        {
            throw new ImageTooLargeException(
                $"{format.Name()}: {width} × {height} pixels; at most {limits.MaxWidth} × {limits.MaxHeight} and {limits.MaxPixels} in all are allowed.");
        }
    }

    /// <summary>Decodes into one pooled block, and narrows the pixels to RGB in place.</summary>
    private static RgbImage Decode(SKCodec codec, PictureHeader header)
    {
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        var block = BlockPool.Rent(checked(width * height * Rgba));
        var isReturned = false;
        try
        {
            // Unpremultiplied and without a colour space: what stands in the file, whatever its alpha and profile.
            var info = Info(width, height, codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
            SKCodecResult result;
            fixed (byte* pixels = block)
                result = codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default);
            if (result != SKCodecResult.Success)
                throw new ImageFormatException(Fault(header.Format, result));
            var origin = codec.EncodedOrigin;
            if (origin == SKEncodedOrigin.TopLeft)
            {
                PixelLayout.Narrow(block, width * height);
                isReturned = true;
                return RgbImage.InBlock(width, height, block);
            }

            var image = RgbImage.Rent(header.Width, header.Height);
            PixelLayout.Turn(block, width, height, origin, image.Pixels);
            return image;
        }
        finally
        {
            if (!isReturned)
                BlockPool.Return(block);
        }
    }

    private static SKImageInfo Info(int width, int height, SKAlphaType alpha) => new(width, height, SKColorType.Rgba8888, alpha);

    private static string Fault(PictureFormat format, SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => $"{format.Name()}: the file ends before the picture does. Send all of it.",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => $"{format.Name()}: the compressed data is corrupt.",
        _ => $"{format.Name()}: this kind of file is not read ({result}).",
    };
}

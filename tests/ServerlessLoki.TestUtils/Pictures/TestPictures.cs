using System.Buffers.Binary;
using ServerlessLoki.Serving.Imaging;
using SkiaSharp;

namespace ServerlessLoki.Serving.Tests.Imaging;

/// <summary>Small pictures of 40 × 24: the left half red, the right half blue.</summary>
internal static class TestPictures
{
    private static readonly SKColor s_left = new(200, 30, 40), s_right = new(20, 60, 220);

    public static readonly string[] Kinds = ["png", "jpeg", "jpeg-grey", "webp", "webp-lossy", "bmp", "gif"];

    public static (byte[] File, PictureFormat Format) Make(string kind) => kind switch
    {
        "png" => (Encode(SKColorType.Rgba8888, SKEncodedImageFormat.Png, 100), PictureFormat.Png),
        "jpeg" => (Encode(SKColorType.Rgba8888, SKEncodedImageFormat.Jpeg, 95), PictureFormat.Jpeg),
        "jpeg-grey" => (Encode(SKColorType.Gray8, SKEncodedImageFormat.Jpeg, 95), PictureFormat.Jpeg),
        "webp" => (Encode(SKColorType.Rgba8888, SKEncodedImageFormat.Webp, 100), PictureFormat.Webp),
        "webp-lossy" => (Encode(SKColorType.Rgba8888, SKEncodedImageFormat.Webp, 90), PictureFormat.Webp),
        "bmp" => (Bmp(), PictureFormat.Bmp),
        _ => (Gif(), PictureFormat.Gif),
    };

    public static (SKColor Left, SKColor Right) Colors(string kind)
    {
        if (kind != "jpeg-grey")
            return (s_left, s_right);
        return (Grey(200), Grey(60));

        static SKColor Grey(byte v) => new(v, v, v);
    }

    /// <summary>A JPEG of 48 × 32 whose quarters are red, green, blue and white, with an EXIF orientation.</summary>
    public static byte[] Oriented(int orientation)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(48, 32, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < 32; y++)
        {
            for (var x = 0; x < 48; x++)
                bitmap.SetPixel(x, y, y < 16 ? (x < 24 ? SKColors.Red : SKColors.Lime) : x < 24 ? SKColors.Blue : SKColors.White);
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        var jpeg = data.ToArray();
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0,
        ];
        return [.. jpeg[..2], .. exif, .. jpeg[2..]];
    }

    /// <summary>A PNG with more chunks behind its header.</summary>
    public static byte[] WithChunks(byte[] png, params (string Type, byte[] Data)[] chunks)
    {
        byte[] added = [.. chunks.SelectMany(c => (byte[])[.. Big(c.Data.Length), .. System.Text.Encoding.ASCII.GetBytes(c.Type), .. c.Data, 0, 0, 0, 0])];
        byte[] all = [.. png[..33], .. added, .. png[33..]];
        TestPng.FixAllCrcs(all);
        return all;
    }

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Encode(SKColorType type, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(40, 24, type, SKAlphaType.Opaque));
        for (var y = 0; y < 24; y++)
        {
            for (var x = 0; x < 40; x++)
            {
                if (type == SKColorType.Gray8)
                    bitmap.GetPixelSpan()[(y * bitmap.RowBytes) + x] = x < 20 ? (byte)200 : (byte)60;
                else
                    bitmap.SetPixel(x, y, x < 20 ? s_left : s_right);
            }
        }

        if (format == SKEncodedImageFormat.Webp)
        {
            using var pixmap = bitmap.PeekPixels();
            using var webp = pixmap.Encode(new SKWebpEncoderOptions(quality == 100 ? SKWebpEncoderCompression.Lossless : SKWebpEncoderCompression.Lossy, quality));
            return webp!.ToArray();
        }

        using var data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    private static byte[] Bmp()
    {
        var file = new byte[54 + (40 * 24 * 3)];
        "BM"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), 24);
        (file[26], file[28]) = (1, 24);
        for (var i = 0; i < 40 * 24; i++)
        {
            var c = i % 40 < 20 ? s_left : s_right;
            (file[54 + (3 * i)], file[55 + (3 * i)], file[56 + (3 * i)]) = (c.Blue, c.Green, c.Red);
        }

        return file;
    }

    /// <summary>Uncompressed LZW: a clear code before the table would make codes longer.</summary>
    private static byte[] Gif()
    {
        var bits = new List<bool>();
        for (var i = 0; i < 40 * 24; i++)
        {
            // Codes of 3 bits, for 2-bit colours: 4 clears, 5 ends. Two colours after a clear keep the table below 8.
            if (i % 2 == 0)
                Add(4);
            Add(i % 40 < 20 ? 0 : 1);
        }

        Add(5);
        var data = bits.Chunk(8).Select(b => (byte)b.Select((bit, i) => bit ? 1 << i : 0).Sum()).ToArray();
        return
        [
            .. "GIF89a"u8, 40, 0, 24, 0, 0x81, 0, 0,
            s_left.Red, s_left.Green, s_left.Blue, s_right.Red, s_right.Green, s_right.Blue, 0, 0, 0, 0, 0, 0,
            0x2C, 0, 0, 0, 0, 40, 0, 24, 0, 0, 2, .. data.Chunk(255).SelectMany(c => (byte[])[(byte)c.Length, .. c]), 0, 0x3B,
        ];

        void Add(int code)
        {
            for (var b = 0; b < 3; b++)
                bits.Add((code >> b & 1) != 0);
        }
    }
}

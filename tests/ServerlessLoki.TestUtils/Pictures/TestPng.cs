using System.Buffers.Binary;
using System.IO.Compression;

namespace ServerlessLoki.Serving.Tests.Imaging;

/// <summary>An independent, slow PNG writer that follows the standard sample by sample.</summary>
internal static class TestPng
{
    private static readonly (int X, int Y, int DX, int DY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    internal static (byte[] Bytes, byte[] Rgb) Make(int width, int height, int color, int depth, int filter, bool interlaced,
        int seed, int? rows = null, int chunk = int.MaxValue)
    {
        var random = new Random(seed);
        var channels = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var samples = new int[Math.Max(height, rows ?? 0), width, channels];
        for (var i = 0; i < samples.Length; i++)
            samples[i / (width * channels), i / channels % width, i % channels] = random.Next(1 << depth);
        var palette = new byte[3 << Math.Min(depth, 8)];
        random.NextBytes(palette);

        var raw = new MemoryStream();
        if (interlaced)
        {
            foreach (var (x, y, dx, dy) in Passes) Pass(x, y, dx, dy, height);
        }
        else
        {
            Pass(0, 0, 1, 1, rows ?? height);
        }

        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(raw.ToArray());
        var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)color, interlaced ? (byte)1 : (byte)0);
        Chunk(file, "IHDR", header);
        Chunk(file, "tEXt", "Comment\0ignored"u8.ToArray());
        if (color == 3) Chunk(file, "PLTE", palette);
        foreach (var part in compressed.ToArray().Chunk(chunk)) Chunk(file, "IDAT", part);
        Chunk(file, "IEND", []);

        var rgb = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var value = samples[y, x, color is 2 or 6 ? c : 0];
                    rgb[(((y * width) + x) * 3) + c] = color == 3 ? palette[(3 * value) + c]
                        : depth == 16 ? (byte)(value >> 8) : (byte)(value * 255 / ((1 << depth) - 1));
                }
            }
        }
        return (file.ToArray(), rgb);

        void Pass(int x0, int y0, int dx, int dy, int until)
        {
            if (x0 >= width) return;
            byte[]? above = null;
            for (var y = y0; y < until; y += dy)
            {
                var bits = new List<int>();
                for (var x = x0; x < width; x += dx)
                {
                    for (var c = 0; c < channels; c++)
                    {
                        for (var b = depth - 1; b >= 0; b--) bits.Add((samples[y, x, c] >> b) & 1);
                    }
                }
                while (bits.Count % 8 != 0) bits.Add(0);
                var row = bits.Chunk(8).Select(b => (byte)b.Aggregate(0, (v, bit) => (v << 1) | bit)).ToArray();
                above ??= new byte[row.Length];
                raw.WriteByte((byte)filter);
                raw.Write(Filter(row, above, Math.Max(1, channels * depth / 8), filter));
                above = row;
            }
        }
    }

    internal static void FixHeaderCrc(byte[] png) =>
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));

    internal static void FixAllCrcs(byte[] png)
    {
        for (var at = 8; at + 12 <= png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (length < 0 || length > png.Length - at - 12) return;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + length), Crc(png.AsSpan(at + 4, length + 4)));
            at += 12 + length;
        }
    }

    private static byte[] Filter(byte[] row, byte[] above, int pixel, int filter) => [.. row.Select((value, i) =>
    {
        int a = i >= pixel ? row[i - pixel] : 0, b = above[i], c = i >= pixel ? above[i - pixel] : 0;
        var p = a + b - c;
        var (pa, pb, pc) = (Math.Abs(p - a), Math.Abs(p - b), Math.Abs(p - c));
        var paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
        return (byte)(value - filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => paeth, _ => 0 });
    })];

    private static void Chunk(MemoryStream file, string type, byte[] data)
    {
        var body = System.Text.Encoding.ASCII.GetBytes(type).Concat(data).ToArray();
        var word = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc(body));
        file.Write(word);
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in data)
        {
            crc ^= b;
            for (var k = 0; k < 8; k++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}

using System.Buffers.Binary;

namespace ServerlessLoki.TestModels;

/// <summary>Writes WAV files: tags and layout of Microsoft's "Multiple Channel Audio Data and WAVE Files".</summary>
internal static class TinyWav
{
    public const int Pcm = 1, Float = 3;

    /// <summary>A file whose frames hold each sample in all channels.</summary>
    public static byte[] File(ReadOnlySpan<double> samples, int rate, int bits = 16, int tag = Pcm, int channels = 1, bool isExtensible = false)
    {
        var data = new List<byte>();
        foreach (var sample in samples)
        {
            for (var c = 0; c < channels; c++)
                data.AddRange(Sample(sample, bits, tag));
        }

        var (block, format) = (channels * bits / 8, new List<byte>());
        format.AddRange([.. Short(isExtensible ? 0xFFFE : tag), .. Short(channels), .. Int(rate), .. Int(rate * block), .. Short(block), .. Short(bits)]);
        if (isExtensible)
            format.AddRange([.. Short(22), .. Short(bits), .. Int(0), .. Short(tag), 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        // A chunk of odd length has a byte behind it.
        byte[] chunks = [.. "LIST"u8, .. Int(3), 1, 2, 3, 0, .. "fmt "u8, .. Int(format.Count), .. format, .. "data"u8, .. Int(data.Count), .. data];
        return [.. "RIFF"u8, .. Int(4 + chunks.Length), .. "WAVE"u8, .. chunks];
    }

    /// <summary>A sine of half the largest value.</summary>
    public static double[] Sine(double hertz, int rate, int count) => [.. Enumerable.Range(0, count).Select(t => 0.5 * Math.Sin(2 * Math.PI * hertz * t / rate))];

    private static byte[] Sample(double value, int bits, int tag)
    {
        if (tag == Float)
            return bits == 32 ? BitConverter.GetBytes((float)value) : BitConverter.GetBytes(value);
        if (bits == 8)
            return [(byte)(128 + Math.Round(value * 128))];
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)Math.Round(value * (1L << (bits - 1))));
        return bytes[..(bits / 8)];
    }

    private static byte[] Short(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] Int(int value) => BitConverter.GetBytes(value);
}

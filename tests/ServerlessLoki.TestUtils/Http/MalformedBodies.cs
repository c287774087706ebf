using System.Buffers.Binary;
using System.Text;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Request bodies with one to four faults; some by chance still mean something.</summary>
internal static class MalformedBodies
{
    private static readonly string[] Tokens =
        ["{", "}", "[", "]", ",", ":", "\"", "-1", "0", "1e999", "9223372036854775808", "null", "true", "\"\\ud800\"", "[[[[[[[[[[", "\"data\":", "\"shape\":[-1]", "\0", "\u00ff", "\"FP16\"", "4294967296", "{}", "\\u12"];

    /// <summary>Content type of <see cref="Form"/>.</summary>
    public const string FormType = "multipart/form-data; boundary=x";

    private static readonly byte[] s_sound = TestModels.TinyWav.File(TestModels.TinyWav.Sine(440, 8000, 40), 8000);

    /// <summary>A form of files, and a field behind them.</summary>
    public static byte[] Form(params byte[][] files) =>
    [
        .. files.SelectMany(static (f, i) => (byte[])[.. Encoding.UTF8.GetBytes($"--x\r\nContent-Disposition: form-data; name=\"f{i}\"; filename=\"f{i}\"\r\n\r\n"), .. f, .. "\r\n"u8]),
        .. "--x\r\nContent-Disposition: form-data; name=\"word\"\r\n\r\nyes\r\n--x--\r\n"u8,
    ];

    /// <summary>The next body, the value of its header for the JSON part's length (null = not sent), and its content type.</summary>
    /// <param name="random">Where the faults come from.</param>
    /// <param name="json">A good JSON part.</param>
    /// <param name="tensors">The tensors that it speaks of; empty = a few random bytes.</param>
    /// <param name="png">A good image.</param>
    public static (byte[] Body, string? Length, string Type) Next(Random random, byte[] json, byte[] tensors, byte[] png) => random.Next(12) switch
    {
        10 => (Spoil(random, s_sound), null, "audio/wav"),
        11 => (Spoil(random, Form(random.Next(2) == 0 ? png : s_sound, png)), null, FormType),
        0 => (SpoilImage(random, png), null, "image/png"),
        1 => (RandomBytes(random, 64), random.Next(3) == 0 ? "0" : random.Next(-2, 80).ToString(), "application/octet-stream"),
        2 or 3 or 4 => Binary(random, json, tensors),
        _ => (Spoil(random, json), null, "application/json"),
    };

    private static (byte[] Body, string? Length, string Type) Binary(Random random, byte[] json, byte[] tensors)
    {
        var header = random.Next(2) == 0 ? json : Spoil(random, json);
        var tail = tensors.Length == 0 ? RandomBytes(random, 12) : random.Next(3) > 0 ? tensors : Spoil(random, tensors);
        byte[] body = [.. header, .. tail];
        var length = random.Next(3) == 0 ? random.Next(0, body.Length + 3) : header.Length;
        return (body, length.ToString(), "application/octet-stream");
    }

    private static byte[] RandomBytes(Random random, int most)
    {
        var bytes = new byte[random.Next(most + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>One to four cuts, flips, insertions or doublings.</summary>
    public static byte[] Spoil(Random random, byte[] original)
    {
        var bytes = original.ToList();
        for (var n = random.Next(1, 5); n > 0 && bytes.Count > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)])); break;
                case 3: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 30), bytes.Count - at))); break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Half of the images carry right checksums over wrong content: the others never get past the checksum.</summary>
    public static byte[] SpoilImage(Random random, byte[] png)
    {
        if (random.Next(2) == 0)
            return Spoil(random, png);
        var bytes = png.ToArray();
        // Past the signature; headers are a small part of the file and the most of what can go wrong.
        for (var n = random.Next(1, 5); n > 0; n--)
            bytes[random.Next(8, random.Next(2) == 0 ? Math.Min(60, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
        for (var at = 8; at + 12 <= bytes.Length;)
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            if (at + 12 + (long)size > bytes.Length)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 8 + (int)size), Checksum(bytes.AsSpan(at + 4, 4 + (int)size)));
            at += 12 + (int)size;
        }

        return bytes;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }

        return ~crc;
    }
}

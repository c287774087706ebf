using System.Buffers.Binary;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Windows of a WAV file, as WAV files of their own.</summary>
internal static class SoundWindows
{
    /// <summary>Bytes in front of a window's samples.</summary>
    public const int HeaderBytes = 44;

    private const int FormatBytes = 16;

    /// <summary>Lists the windows of a sound: frames from a start on. The last one ends with the sound, and starts earlier where less than a window is left; a sound of at most one window is one.</summary>
    public static IEnumerable<(int Start, int Frames)> Of(WavHeader header, AudioForm form)
    {
        if (form.Window is not { } seconds)
            return [(0, header.Frames)];
        var window = (int)Math.Clamp(Math.Round(seconds * header.Rate), 1, int.MaxValue);
        var hop = (int)Math.Clamp(Math.Round((form.Hop ?? seconds) * header.Rate), 1, window);
        return Cut(header.Frames, window, hop);
    }

    /// <summary>Writes a window as a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="header">Header of the file.</param>
    /// <param name="window">One of <see cref="Of"/>.</param>
    /// <param name="target">Memory of <see cref="Bytes"/> bytes.</param>
    public static void Write(ReadOnlySpan<byte> file, WavHeader header, (int Start, int Frames) window, Span<byte> target)
    {
        var frame = header.Channels * header.Bits / 8;
        "RIFF"u8.CopyTo(target);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], target.Length - 8);
        "WAVEfmt "u8.CopyTo(target[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], FormatBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(target[20..], (ushort)(header.IsFloat ? 3 : 1));
        BinaryPrimitives.WriteUInt16LittleEndian(target[22..], (ushort)header.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], header.Rate);
        BinaryPrimitives.WriteInt32LittleEndian(target[28..], header.Rate * frame);
        BinaryPrimitives.WriteUInt16LittleEndian(target[32..], (ushort)frame);
        BinaryPrimitives.WriteUInt16LittleEndian(target[34..], (ushort)header.Bits);
        "data"u8.CopyTo(target[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[40..], window.Frames * frame);
        file.Slice(header.Offset + (window.Start * frame), window.Frames * frame).CopyTo(target[HeaderBytes..]);
    }

    /// <summary>Bytes of a window's file.</summary>
    public static int Bytes(WavHeader header, int frames) => checked(HeaderBytes + (frames * header.Channels * header.Bits / 8));

    private static IEnumerable<(int Start, int Frames)> Cut(int frames, int window, int hop)
    {
        for (var start = 0; ; start += hop)
        {
            // A rest of a few frames is too short for most models.
            var from = Math.Max(0, Math.Min(start, frames - window));
            yield return (from, Math.Min(window, frames));
            if (frames - start <= window)
                yield break;
        }
    }
}

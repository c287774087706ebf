using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Header of a WAV file: place and format of its samples.</summary>
/// <param name="Rate">Frames per second.</param>
/// <param name="Channels">Channels: samples of a frame, interleaved.</param>
/// <param name="Bits">Bits of a sample: 8, 16, 24, 32 or 64.</param>
/// <param name="IsFloat">True for floating point, false for whole numbers.</param>
/// <param name="Offset">Offset of the first frame, bytes.</param>
/// <param name="Frames">Number of frames.</param>
/// <remarks>Nothing is allocated while a header is read: a file of millions of chunks costs a walk.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WavHeader(int Rate, int Channels, int Bits, bool IsFloat, int Offset, int Frames)
{
    /// <summary>The usual media type.</summary>
    public const string MediaType = "audio/wav";

    private const int MostChannels = 64, MostRate = 768_000, Pcm = 1, Float = 3, Extensible = 0xFFFE, FormatBytes = 16, ExtensibleBytes = 40, SubFormat = 24;
    private const string Allowed = "WAV with PCM of 8, 16, 24 or 32 bits, or floating point of 32 or 64";

    // The rest of a WAVE_FORMAT_EXTENSIBLE subformat behind its tag, KSDATAFORMAT_SUBTYPE_*.
    private static ReadOnlySpan<byte> SubTail => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    /// <summary>Duration of the sound, seconds.</summary>
    public double Seconds => (double)Frames / Rate;

    /// <summary>True for a media type of WAV files.</summary>
    public static bool IsMediaType(ReadOnlySpan<char> mediaType) => mediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
        || mediaType.Equals("audio/x-wav", StringComparison.OrdinalIgnoreCase) || mediaType.Equals("audio/wave", StringComparison.OrdinalIgnoreCase)
        || mediaType.Equals("audio/vnd.wave", StringComparison.OrdinalIgnoreCase);

    /// <summary>True for bytes that begin as a WAV file does.</summary>
    public static bool IsWav(ReadOnlySpan<byte> file) => file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WAVE"u8);

    /// <summary>Reads the header.</summary>
    /// <exception cref="SoundFormatException">The file is no WAV file of a supported kind.</exception>
    public static WavHeader Read(ReadOnlySpan<byte> file)
    {
        if (!IsWav(file))
            throw new SoundFormatException($"No sound that is read: {(file.IsEmpty ? "there are no bytes" : $"the first bytes are {Convert.ToHexString(file[..Math.Min(12, file.Length)])}")}. Sounds may be {Allowed}.");
        WavHeader? format = null;
        long at = 12;
        while (at + 8 <= file.Length)
        {
            var id = file.Slice((int)at, 4);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            var content = file[((int)at + 8)..];
            if (id.SequenceEqual("fmt "u8))
                format = Format(content[..(int)Math.Min(size, content.Length)]);
            // A recorder that was cut off, or writes into a pipe, leaves a length that is too large.
            else if (id.SequenceEqual("data"u8))
                return Data(format, (int)at + 8, (int)Math.Min(size, content.Length));
            at += 8 + size + (size & 1);
        }

        throw new SoundFormatException($"The WAV file has no samples: its 'data' chunk is missing{(format is null ? ", and its 'fmt ' chunk too" : "")}.");
    }

    private static WavHeader Data(WavHeader? format, int offset, int length)
    {
        if (format is not { } header)
            throw new SoundFormatException("The WAV file's samples come before its 'fmt ' chunk, or without one.");
        var frames = length / (header.Channels * header.Bits / 8);
        return frames > 0 ? header with { Offset = offset, Frames = frames } : throw new SoundFormatException("The WAV file has no samples: its 'data' chunk is empty.");
    }

    private static WavHeader Format(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < FormatBytes)
            throw new SoundFormatException($"The WAV file's 'fmt ' chunk has {chunk.Length} bytes; at least {FormatBytes} are needed.");
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        int block = BinaryPrimitives.ReadUInt16LittleEndian(chunk[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]);
        if (tag == Extensible && chunk.Length >= ExtensibleBytes && chunk[(SubFormat + 2)..ExtensibleBytes].SequenceEqual(SubTail))
            tag = BinaryPrimitives.ReadUInt16LittleEndian(chunk[SubFormat..]);
        if ((tag, bits) is not ((Pcm, 8 or 16 or 24 or 32) or (Float, 32 or 64)))
            throw new SoundFormatException($"The WAV file has samples of {bits} bits in format {tag}. Sounds may be {Allowed}.");
        if (channels is < 1 or > MostChannels || rate is < 1 or > MostRate)
            throw new SoundFormatException($"The WAV file has {channels} channels at {rate} Hz; 1 to {MostChannels} at 1 to {MostRate} Hz are read.");
        return block == channels * bits / 8 ? new WavHeader((int)rate, channels, bits, tag == Float, 0, 0)
            : throw new SoundFormatException($"The WAV file says that a frame has {block} bytes, but {channels} channels of {bits} bits have {channels * bits / 8}.");
    }
}

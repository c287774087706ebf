using System.Buffers.Binary;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Cli.Load;

/// <summary>Generated sounds for pipelines that take sounds.</summary>
internal static class NoiseSound
{
    private const int Rate = 16_000, HeaderBytes = 44, SampleBytes = sizeof(short);

    // 30 dB below full scale, which is a quiet room.
    private const int Loudest = 1024;

    /// <summary>Makes a second of noise, or less where less is accepted, as a WAV file: the only element of a BYTES tensor.</summary>
    public static byte[] Element(double mostSeconds, StreamRandom random)
    {
        var samples = Math.Max(1, (int)(Rate * Math.Min(1, mostSeconds)));
        var length = HeaderBytes + (samples * SampleBytes);
        var element = new byte[sizeof(int) + length];
        BinaryPrimitives.WriteInt32LittleEndian(element, length);
        var file = element.AsSpan(sizeof(int));
        "RIFF....WAVEfmt "u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file[4..], length - 8);
        // Bytes of the format, PCM, one channel, rate, bytes of a second, of a frame, bits of a sample.
        BinaryPrimitives.WriteInt32LittleEndian(file[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(file[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(file[22..], 1);
        BinaryPrimitives.WriteInt32LittleEndian(file[24..], Rate);
        BinaryPrimitives.WriteInt32LittleEndian(file[28..], Rate * SampleBytes);
        BinaryPrimitives.WriteInt16LittleEndian(file[32..], SampleBytes);
        BinaryPrimitives.WriteInt16LittleEndian(file[34..], 8 * SampleBytes);
        "data"u8.CopyTo(file[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(file[40..], samples * SampleBytes);
        for (var at = HeaderBytes; at < length; at += SampleBytes)
            BinaryPrimitives.WriteInt16LittleEndian(file[at..], (short)(random.NextBelow((2 * Loudest) + 1) - Loudest));
        return element;
    }
}

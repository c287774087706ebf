using System.Buffers.Binary;
using System.Numerics.Tensors;
using NAudio.Dsp;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Samples of a WAV file: one channel, the mean of all, −1..1, at a given rate.</summary>
internal static class WavSamples
{
    // A windowed sinc over 64 samples of the lower rate: what lies above half the new rate is at least 60 dB down, but for a band around it.
    // The library counts taps in samples of the file and takes 8192 at most, which is enough down to 1/128 of its rate.
    private const int Taps = 64, MostTaps = 8192, Phases = 32, Step = 4096;

    // 60 dB above full scale. Far beyond, sums of squares are infinite, and a model answers NaN for which it is not to blame.
    private const float Loudest = 1000;

    /// <summary>Returns the number of samples at another rate.</summary>
    public static int Count(WavHeader header, int rate) => (int)Math.Clamp(Math.Round((double)header.Frames * rate / header.Rate), 1, int.MaxValue);

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="header">Header of the file.</param>
    /// <param name="rate">Samples per second of the result.</param>
    /// <exception cref="SoundFormatException">A sample is no number, or far beyond full scale.</exception>
    public static float[] Read(ReadOnlySpan<byte> file, WavHeader header, int rate)
    {
        var (bytes, mono) = (header.Bits / 8, new float[header.Frames]);
        var data = file[header.Offset..];
        for (var i = 0; i < mono.Length; i++)
        {
            var sum = 0.0;
            for (var c = 0; c < header.Channels; c++, data = data[bytes..])
                sum += Sample(data, header);
            mono[i] = (float)(sum / header.Channels);
        }

        var loudest = TensorPrimitives.MaxMagnitude<float>(mono);
        if (!(Math.Abs(loudest) <= Loudest))
            throw new SoundFormatException($"The WAV file has a sample of {loudest:R}; full scale is -1 to 1, and samples beyond ±{Loudest} (or NaN) are not taken: scale them.");
        return header.Rate == rate ? mono : Resample(mono, header.Rate, rate, Count(header, rate));
    }

    private static double Sample(ReadOnlySpan<byte> at, WavHeader header) => (header.IsFloat, header.Bits) switch
    {
        (true, 32) => BinaryPrimitives.ReadSingleLittleEndian(at),
        (true, _) => BinaryPrimitives.ReadDoubleLittleEndian(at),
        (_, 8) => (at[0] - 128) / 128.0,
        (_, 16) => BinaryPrimitives.ReadInt16LittleEndian(at) / 32_768.0,
        (_, 24) => ((at[0] << 8) | (at[1] << 16) | (at[2] << 24)) / 2_147_483_648.0,
        _ => BinaryPrimitives.ReadInt32LittleEndian(at) / 2_147_483_648.0,
    };

    private static float[] Resample(ReadOnlySpan<float> samples, int from, int to, int count)
    {
        var resampler = new WdlResampler();
        resampler.SetMode(true, 0, true, Math.Min(MostTaps, Taps * Math.Max(1, (from + to - 1) / to)), Phases);
        resampler.SetFeedMode(false);
        resampler.SetRates(from, to);
        var resampled = new float[count];
        for (var made = 0; made < count;)
        {
            var wanted = Math.Min(Step, count - made);
            // Behind the end there is silence.
            var needed = resampler.ResamplePrepare(wanted, 1, out var input);
            var given = Math.Min(needed, samples.Length);
            samples[..given].CopyTo(input);
            input[given..needed].Clear();
            samples = samples[given..];
            made += resampler.ResampleOut(resampled.AsSpan(made, wanted), needed, wanted, 1);
        }

        return resampled;
    }
}

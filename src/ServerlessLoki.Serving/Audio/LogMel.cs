using System.Numerics.Tensors;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Whisper's features: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2.2; the mel scale is that of
/// Slaney's Auditory Toolbox, bands of equal area. Thread-safe.</summary>
internal sealed class LogMel : ISoundFeatures
{
    /// <summary>Samples of a window, and samples from one window to the next.</summary>
    public const int Window = 400, Hop = 160;

    private const int Bins = (Window / 2) + 1;
    private readonly PowerSpectrum _spectrum;
    private readonly float[] _filters;

    /// <summary>Prepares the spectrogram for a sample rate.</summary>
    /// <param name="bands">Bands of the spectrogram.</param>
    /// <param name="rate">Samples per second.</param>
    public LogMel(int bands, int rate)
    {
        Bands = bands;
        _spectrum = new PowerSpectrum([.. Enumerable.Range(0, Window).Select(static i => 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Window)))], Window);
        _filters = Filters(bands, rate);
    }

    /// <summary>Mel bands of the spectrogram.</summary>
    public int Bands { get; }

    public long[] Shape(int samples) => [Bands, Frames(samples)];

    /// <summary>Returns the frames for a number of samples.</summary>
    public static int Frames(int samples) => samples / Hop;

    /// <summary>Computes the spectrogram, one band after the other.</summary>
    /// <param name="samples">Samples of the sound; at least <see cref="Window"/>.</param>
    public float[] Of(ReadOnlySpan<float> samples)
    {
        var frames = Frames(samples.Length);
        var values = new float[Bands * frames];
        Span<float> window = stackalloc float[Window];
        Span<float> power = stackalloc float[Bins];
        for (var frame = 0; frame < frames; frame++)
        {
            for (var i = 0; i < Window; i++)
                window[i] = samples[Mirrored((frame * Hop) + i - (Window / 2), samples.Length)];
            _spectrum.Of(window, power);
            for (var band = 0; band < Bands; band++)
                values[(band * frames) + frame] = MathF.Log10(Math.Max(TensorPrimitives.Dot<float>(power, _filters.AsSpan(band * Bins, Bins)), 1e-10f));
        }

        var least = TensorPrimitives.Max<float>(values) - 8;
        TensorPrimitives.Max(values, least, values);
        TensorPrimitives.Add(values, 4, values);
        TensorPrimitives.Divide(values, 4, values);
        return values;
    }

    /// <summary>Mirrors an index at both ends: before the beginning and after the end the samples repeat in reverse.</summary>
    private static int Mirrored(int at, int count) => at < 0 ? -at : at >= count ? (2 * count) - 2 - at : at;

    private static float[] Filters(int bands, int rate)
    {
        var edges = Enumerable.Range(0, bands + 2).Select(i => Hertz(Mel(rate / 2.0) * i / (bands + 1))).ToArray();
        var filters = new float[bands * Bins];
        for (var band = 0; band < bands; band++)
        {
            var (low, middle, high) = (edges[band], edges[band + 1], edges[band + 2]);
            for (var bin = 0; bin < Bins; bin++)
            {
                var frequency = (double)bin * rate / Window;
                var height = Math.Min((frequency - low) / (middle - low), (high - frequency) / (high - middle));
                filters[(band * Bins) + bin] = (float)(Math.Max(0, height) * 2 / (high - low));
            }
        }

        return filters;
    }

    // Linear up to 1,000 Hz, 15 mel there; logarithmic above, 27 mel for a factor of 6.4.
    private static double Mel(double hertz) => hertz < 1000 ? hertz * 3 / 200 : 15 + (Math.Log(hertz / 1000) * 27 / Math.Log(6.4));

    private static double Hertz(double mel) => mel < 15 ? mel * 200 / 3 : 1000 * Math.Exp((mel - 15) * Math.Log(6.4) / 27);
}

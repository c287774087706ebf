using System.Numerics;
using System.Numerics.Tensors;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Kaldi's filter banks as <c>compute-fbank-feats</c> and torchaudio's <c>compliance.kaldi.fbank</c> give them without dither: one frame after
/// the other. Thread-safe.</summary>
internal sealed class Fbank : ISoundFeatures
{
    private const double WindowSeconds = 0.025, HopSeconds = 0.01, PreEmphasis = 0.97, LowHertz = 20;

    // Kaldi's least power: the machine epsilon of a float.
    private const float LeastPower = 1.1920929e-07f;
    private readonly int _bands;
    private readonly int _window;
    private readonly int _hop;
    private readonly PowerSpectrum _spectrum;
    private readonly float[] _filters;

    /// <summary>Prepares the filters for a sample rate.</summary>
    /// <param name="bands">Bands of a frame.</param>
    /// <param name="rate">Samples per second.</param>
    public Fbank(int bands, int rate)
    {
        (_bands, _window, _hop) = (bands, Window(rate), Hop(rate));
        var points = (int)BitOperations.RoundUpToPowerOf2((uint)_window);
        // Povey's window: Hann's to the power of 0.85, both ends at zero.
        _spectrum = new PowerSpectrum([.. Enumerable.Range(0, _window).Select(i => Math.Pow(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / (_window - 1))), 0.85))], points);
        _filters = Filters(rate, points);
    }

    /// <summary>Samples of a frame.</summary>
    public static int Window(int rate) => (int)(rate * WindowSeconds);

    /// <summary>Samples from one frame to the next.</summary>
    public static int Hop(int rate) => (int)(rate * HopSeconds);

    public long[] Shape(int samples) => [1 + ((samples - _window) / _hop), _bands];

    public float[] Of(ReadOnlySpan<float> samples)
    {
        var frames = (int)Shape(samples.Length)[0];
        var values = new float[frames * _bands];
        var (frame, power) = (new float[_window], new float[_spectrum.Bins]);
        for (var at = 0; at < frames; at++)
        {
            Frame(samples.Slice(at * _hop, _window), frame);
            _spectrum.Of(frame, power);
            for (var band = 0; band < _bands; band++)
            {
                var sum = TensorPrimitives.Dot<float>(power, _filters.AsSpan(band * power.Length, power.Length));
                values[(at * _bands) + band] = MathF.Log(Math.Max(sum, LeastPower));
            }
        }

        return values;
    }

    private static void Frame(ReadOnlySpan<float> samples, Span<float> frame)
    {
        TensorPrimitives.Subtract(samples, TensorPrimitives.Sum(samples) / samples.Length, frame);
        for (var i = frame.Length - 1; i > 0; i--)
            frame[i] -= (float)PreEmphasis * frame[i - 1];
        frame[0] -= (float)PreEmphasis * frame[0];
    }

    /// <summary>Triangles between equal steps of mel; half the rate itself has no part.</summary>
    private float[] Filters(int rate, int points)
    {
        var (low, step) = (Mel(LowHertz), (Mel(rate / 2.0) - Mel(LowHertz)) / (_bands + 1));
        var filters = new float[_bands * _spectrum.Bins];
        for (var band = 0; band < _bands; band++)
        {
            for (var bin = 0; bin < points / 2; bin++)
            {
                var place = (Mel((double)bin * rate / points) - low) / step;
                filters[(band * _spectrum.Bins) + bin] = (float)Math.Max(0, Math.Min(place - band, band + 2 - place));
            }
        }

        return filters;
    }

    private static double Mel(double hertz) => 1127 * Math.Log(1 + (hertz / 700));
}

using System.Numerics.Tensors;

namespace ServerlessLoki.Serving.Audio;

/// <summary>Power of a windowed frame of samples at whole multiples of a frequency, and its sums over bands. Thread-safe.</summary>
internal sealed class PowerSpectrum
{
    private readonly int _length;
    private readonly int _bins;
    private readonly float[] _real;
    private readonly float[] _imaginary;

    /// <summary>Prepares the transform.</summary>
    /// <param name="window">Factor on each sample of a frame.</param>
    /// <param name="points">Points of the transform; the frame is filled up with zeros.</param>
    public PowerSpectrum(ReadOnlySpan<double> window, int points)
    {
        (_length, _bins) = (window.Length, (points / 2) + 1);
        (_real, _imaginary) = (new float[_bins * _length], new float[_bins * _length]);
        for (var bin = 0; bin < _bins; bin++)
        {
            for (var i = 0; i < _length; i++)
            {
                var (sin, cos) = Math.SinCos(2 * Math.PI * ((long)bin * i % points) / points);
                (_real[(bin * _length) + i], _imaginary[(bin * _length) + i]) = ((float)(window[i] * cos), (float)(window[i] * sin));
            }
        }
    }

    /// <summary>Number of frequencies, from 0 to half the rate.</summary>
    public int Bins => _bins;

    /// <summary>Computes the power at each frequency.</summary>
    public void Of(ReadOnlySpan<float> frame, Span<float> power)
    {
        for (var bin = 0; bin < _bins; bin++)
        {
            var (re, im) = (TensorPrimitives.Dot(frame, _real.AsSpan(bin * _length, _length)), TensorPrimitives.Dot(frame, _imaginary.AsSpan(bin * _length, _length)));
            power[bin] = (re * re) + (im * im);
        }
    }
}

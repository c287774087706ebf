using System.Numerics;

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>xoshiro256**, one per stream, so that one stream's draws never depend on another's. Not thread-safe.</summary>
/// <remarks>Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021); seeded by splitmix64.</remarks>
public sealed class StreamRandom
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;
    private double _spareNormal = double.NaN;

    /// <summary>Starts the generator at a seed; any value is valid.</summary>
    public StreamRandom(ulong seed)
    {
        _a = Next(ref seed);
        _b = Next(ref seed);
        _c = Next(ref seed);
        _d = Next(ref seed);
    }

    private static ulong Next(ref ulong state) => HashRandom.Mix(state += HashRandom.Golden);

    /// <summary>Draws the next 64 bits.</summary>
    public ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Draws a number that is uniform in [0, 1).</summary>
    public double NextUnit() => HashRandom.Unit(NextBits());

    /// <summary>Draws a whole number that is uniform in 0 … <paramref name="count"/> − 1.</summary>
    /// <param name="count">Number of values; at least 1.</param>
    public int NextBelow(int count) => (int)((NextBits() >> 33) % (ulong)count);

    /// <summary>Draws an exponential number with mean 1.</summary>
    public double NextExponential() => -Math.Log(1 - NextUnit());

    /// <summary>Draws a normal number with mean 0 and variance 1 (Box–Muller).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            var spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        var radius = Math.Sqrt(2 * NextExponential());
        var (sine, cosine) = Math.SinCos(2 * Math.PI * NextUnit());
        _spareNormal = radius * sine;
        return radius * cosine;
    }

    /// <summary>Draws a gamma number with mean <paramref name="shape"/> and variance <paramref name="shape"/> (Marsaglia and Tsang,
    /// 2000).</summary>
    /// <param name="shape">Shape of the distribution; above 0.</param>
    public double NextGamma(double shape)
    {
        if (shape < 1)
            return NextGamma(shape + 1) * Math.Pow(1 - NextUnit(), 1 / shape);
        var d = shape - (1.0 / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = NextNormal();
            var v = 1 + (c * x);
            if (v <= 0)
                continue;
            v = v * v * v;
            var u = 1 - NextUnit();
            if (Math.Log(u) < (0.5 * x * x) + (d * (1 - v + Math.Log(v))))
                return d * v;
        }
    }
}

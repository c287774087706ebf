namespace ServerlessLoki.Cli.Load;

/// <summary>SplitMix64: a seed gives the same load on every machine and .NET version.</summary>
internal sealed class LoadRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential() => -Math.Log(1 - ((NextBits() >> 11) * (1.0 / (1UL << 53))));

    /// <summary>Uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)((NextBits() >> 33) % (ulong)count);
}

namespace ServerlessLoki.Simulation.Traffic;

/// <summary>Random numbers by key instead of by sequence (the finaliser of splitmix64): the same query draws the same numbers under every
/// plan, so compared plans get the same traffic.</summary>
public static class HashRandom
{
    /// <summary>Odd constant that keeps successive keys apart: 2⁶⁴ over the golden ratio.</summary>
    public const ulong Golden = 0x9E3779B97F4A7C15UL;

    /// <summary>Spreads a key over all 64 bits.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Converts a mixed key to a number that is uniform in [0, 1).</summary>
    public static double Unit(ulong mixed) => (mixed >> 11) * (1.0 / (1UL << 53));

    /// <summary>Converts a mixed key to a standard normal number.</summary>
    public static double Normal(ulong mixed)
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - Unit(mixed)));
        return radius * Math.Cos(2 * Math.PI * Unit(Mix(mixed + Golden)));
    }
}

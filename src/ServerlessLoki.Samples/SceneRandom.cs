using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Samples;

/// <summary>SplitMix64 generator that gives the same scene for a seed on every machine and .NET version.</summary>
internal sealed class SceneRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Draws the next 64 bits.</summary>
    public ulong NextBits() => HashRandom.Mix(_state += HashRandom.Golden);

    /// <summary>Draws a number that is uniform in [0, 1).</summary>
    public double Next() => HashRandom.Unit(NextBits());

    /// <summary>Draws a number that is uniform in [from, to).</summary>
    public double Range(double from, double to) => from + ((to - from) * Next());

    /// <summary>Draws a whole number that is uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)((NextBits() >> 33) % (ulong)count);

    /// <summary>Draws true with the given probability.</summary>
    public bool Chance(double probability) => Next() < probability;

    /// <summary>Draws one of the given items, each equally likely.</summary>
    public T Pick<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>Draws an index with probability proportional to its weight.</summary>
    public int Weighted(ReadOnlySpan<double> weights)
    {
        var total = 0.0;
        foreach (var weight in weights)
        {
            total += weight;
        }

        var at = Next() * total;
        for (var i = 0; i < weights.Length - 1; i++)
        {
            at -= weights[i];
            if (at < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }
}

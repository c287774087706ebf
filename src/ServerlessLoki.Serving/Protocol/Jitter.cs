using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Spreads waits by key, so that what was turned away together does not return together: the same key and turn give the same share.</summary>
internal static class Jitter
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>From 0 to below 1.</summary>
    /// <param name="key">What waits, for example a run or a request.</param>
    /// <param name="turn">Which of its waits.</param>
    public static double Of(string key, long turn = 0)
    {
        var hash = FnvOffset;
        foreach (var character in key)
            hash = (hash ^ character) * FnvPrime;
        return HashRandom.Unit(HashRandom.Mix(hash + (HashRandom.Golden * (ulong)turn)));
    }
}

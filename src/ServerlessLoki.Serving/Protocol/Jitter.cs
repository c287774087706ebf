using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Spread of waits by key, so that requests refused together do not return together: the same key and turn give the same
/// share.</summary>
internal static class Jitter
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>Computes a share from 0 to below 1.</summary>
    /// <param name="key">Key of the waiting object, for example a run or a request.</param>
    /// <param name="turn">Number of its wait.</param>
    public static double Of(string key, long turn = 0)
    {
        var hash = FnvOffset;
        foreach (var character in key)
            hash = (hash ^ character) * FnvPrime;
        return HashRandom.Unit(HashRandom.Mix(hash + (HashRandom.Golden * (ulong)turn)));
    }
}

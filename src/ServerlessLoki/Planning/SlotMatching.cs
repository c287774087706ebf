namespace ServerlessLoki.Planning;

/// <summary>Which slot runs which variant: a slot keeps its variant while the plan has a place for it, so swaps are fewest.</summary>
public static class SlotMatching
{
    /// <summary>Matches slots to wanted replicas.</summary>
    /// <typeparam name="T">Names a variant.</typeparam>
    /// <param name="current">What each slot runs now; null = free.</param>
    /// <param name="wanted">Replicas per variant, handed out in this order; the excess over the slots finds no place.</param>
    /// <returns>What each slot shall run; null = free.</returns>
    public static T?[] Match<T>(IReadOnlyList<T?> current, IEnumerable<KeyValuePair<T, int>> wanted)
        where T : struct, IEquatable<T>
    {
        ArgumentNullException.ThrowIfNull(current);
        var left = wanted.ToDictionary();
        var next = new T?[current.Count];
        for (var i = 0; i < next.Length; i++)
        {
            if (current[i] is { } variant && left.GetValueOrDefault(variant) > 0)
            {
                next[i] = variant;
                left[variant]--;
            }
        }

        var open = new Queue<T>(wanted.SelectMany(w => Enumerable.Repeat(w.Key, Math.Max(0, left[w.Key]))));
        for (var i = 0; i < next.Length && open.Count > 0; i++)
            next[i] ??= open.Dequeue();
        return next;
    }
}

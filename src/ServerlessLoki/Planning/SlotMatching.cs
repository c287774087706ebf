namespace ServerlessLoki.Planning;

/// <summary>Assignment of variants to slots with the fewest swaps: a slot keeps its variant while the plan has a place for it.</summary>
public static class SlotMatching
{
    /// <summary>Matches slots to wanted replicas.</summary>
    /// <typeparam name="T">Names a variant.</typeparam>
    /// <param name="current">Current variant of each slot; null = free.</param>
    /// <param name="wanted">Replicas per variant, assigned in this order; replicas beyond the number of slots are dropped.</param>
    /// <returns>New variant of each slot; null = free.</returns>
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

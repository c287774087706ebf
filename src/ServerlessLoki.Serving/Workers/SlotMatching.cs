namespace ServerlessLoki.Serving.Workers;

/// <summary>Which slot runs which variant: a slot keeps its variant while the plan has a place for it, so swaps are fewest.</summary>
internal static class SlotMatching
{
    /// <summary>Matches slots to wanted replicas.</summary>
    /// <param name="current">What each slot runs now; null = free.</param>
    /// <param name="wanted">Replicas per variant; their sum is at most the number of slots, the excess finds no place.</param>
    /// <returns>What each slot shall run; null = free.</returns>
    public static VariantId?[] Match(IReadOnlyList<VariantId?> current, IReadOnlyDictionary<VariantId, int> wanted)
    {
        var left = new Dictionary<VariantId, int>(wanted);
        var next = new VariantId?[current.Count];
        for (var i = 0; i < next.Length; i++)
        {
            if (current[i] is { } id && left.GetValueOrDefault(id) > 0)
            {
                next[i] = id;
                left[id]--;
            }
        }

        var open = new Queue<VariantId>(left.SelectMany(l => Enumerable.Repeat(l.Key, Math.Max(0, l.Value))));
        for (var i = 0; i < next.Length && open.Count > 0; i++)
            next[i] ??= open.Dequeue();
        return next;
    }
}

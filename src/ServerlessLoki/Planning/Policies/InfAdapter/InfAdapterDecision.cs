namespace ServerlessLoki.Planning.Policies.InfAdapter;

/// <summary>A partial choice of cores, one variant after the other from the most accurate down; a chain back to the first.</summary>
/// <param name="Before">The choice without the last variant; null before the first.</param>
/// <param name="Last">Cores of the last variant.</param>
/// <param name="Cores">Σ n.</param>
/// <param name="ServedQps">Σ λ(m), at most λ.</param>
/// <param name="Accuracy">Σ λ(m)·a(m) / λ.</param>
/// <param name="Loading">LC so far.</param>
internal sealed record InfAdapterDecision(
    InfAdapterDecision? Before, int Last, int Cores, double ServedQps, double Accuracy, double Loading)
{
    /// <summary>Nothing chosen yet.</summary>
    public static InfAdapterDecision None { get; } = new(null, 0, 0, 0, 0, 0);

    /// <summary>[variant in search order] cores.</summary>
    public int[] CoresByVariant()
    {
        var cores = new List<int>();
        for (var at = this; at.Before is not null; at = at.Before)
            cores.Add(at.Last);
        cores.Reverse();
        return [.. cores];
    }

    /// <summary>Below 0 when this has fewer cores on the lightest variant where they differ, the last tie-break (InfAdapter, integer program solved exactly).</summary>
    public int CompareFromLightest(InfAdapterDecision other)
    {
        InfAdapterDecision? a = this, b = other;
        while (a is not null && b is not null && !ReferenceEquals(a, b))
        {
            if (a.Last != b.Last)
                return a.Last.CompareTo(b.Last);
            (a, b) = (a.Before, b.Before);
        }

        return 0;
    }
}

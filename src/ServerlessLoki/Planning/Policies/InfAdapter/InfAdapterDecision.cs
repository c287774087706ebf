namespace ServerlessLoki.Planning.Policies.InfAdapter;

/// <summary>Partial choice of cores, one variant after the other from the most accurate down, linked back to the first.</summary>
/// <param name="Before">The choice without the last variant; null before the first.</param>
/// <param name="Last">Cores of the last variant.</param>
/// <param name="Cores">Σ n.</param>
/// <param name="ServedQps">Σ λ(m), at most λ.</param>
/// <param name="Accuracy">Σ λ(m)·a(m) / λ.</param>
/// <param name="Loading">LC so far.</param>
internal sealed record InfAdapterDecision(
    InfAdapterDecision? Before, int Last, int Cores, double ServedQps, double Accuracy, double Loading)
{
    /// <summary>Choice without any variant.</summary>
    public static InfAdapterDecision None { get; } = new(null, 0, 0, 0, 0, 0);

    /// <summary>Lists the cores by variant, in search order.</summary>
    public int[] CoresByVariant()
    {
        var cores = new List<int>();
        for (var at = this; at.Before is not null; at = at.Before)
            cores.Add(at.Last);
        cores.Reverse();
        return [.. cores];
    }

    /// <summary>Compares the last tie-break: below 0 when this choice has fewer cores on the lightest variant where both differ
    /// (InfAdapter, integer program solved exactly).</summary>
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

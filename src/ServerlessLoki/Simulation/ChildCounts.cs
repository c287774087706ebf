using System.Collections.Immutable;

namespace ServerlessLoki.Simulation;

/// <summary>Recorded child counts of real parent queries. Each simulated parent repeats one recorded parent, so that correlated counts
/// (many vehicles and many persons in one scene) stay correlated, which draws from means would lose.</summary>
public sealed class ChildCounts
{
    private readonly ImmutableDictionary<(int Edge, int ParentVariant), ImmutableArray<int>> _counts;

    /// <summary>Makes the records.</summary>
    /// <param name="counts">Children of each recorded parent, at least 0, by edge and parent variant. The same position is the same parent
    /// on every edge that leaves its task. Edges and variants that are missing are drawn from their means.</param>
    /// <exception cref="ArgumentException">A record is empty or has a negative count; all faults are listed.</exception>
    public ChildCounts(IEnumerable<KeyValuePair<(int Edge, int ParentVariant), ImmutableArray<int>>> counts)
    {
        _counts = counts.ToImmutableDictionary();
        var faults = _counts.OrderBy(c => c.Key).Where(c => c.Value.IsDefaultOrEmpty || c.Value.Any(n => n < 0))
            .Select(c => $"edge {c.Key.Edge}, variant {c.Key.ParentVariant}: {(c.Value.IsDefaultOrEmpty ? "no parent" : $"a count of {c.Value.Min()}")}")
            .ToArray();
        if (faults.Length > 0)
            throw new ArgumentException($"Each record needs at least one parent and counts of at least 0; found {string.Join("; ", faults)}.", nameof(counts));
    }

    /// <summary>Returns the children of each recorded parent; null when there is no record.</summary>
    public ImmutableArray<int>? Find(int edge, int parentVariant) => _counts.TryGetValue((edge, parentVariant), out var counts) ? counts : null;
}

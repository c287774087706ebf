using System.Runtime.InteropServices;

namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Collection of partial choices that keeps only those that no other dominates.</summary>
internal sealed class IpaFront
{
    private readonly List<(IpaValue Value, IpaChoice? Choice, IpaNode? Left, IpaNode? Right)> _found = [];
    private readonly bool _exact;

    /// <summary>Starts an empty collection.</summary>
    /// <param name="exact">True if cores and time count in addition to score and cost.</param>
    public IpaFront(bool exact) => _exact = exact;

    public void Add(IpaValue value, IpaChoice? choice, IpaNode? left, IpaNode? right) => _found.Add((value, choice, left, right));

    /// <summary>Returns the choices that are left, by falling score.</summary>
    public IpaNode[] Build()
    {
        var found = CollectionsMarshal.AsSpan(_found);
        var order = new int[found.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, Compare);
        var kept = new List<IpaNode>();
        var cheapest = double.PositiveInfinity;
        foreach (var i in order)
        {
            var (value, choice, left, right) = found[i];
            if (_exact ? Dominated(kept, value) : value.Cost >= cheapest)
                continue;
            cheapest = Math.Min(cheapest, value.Cost);
            kept.Add(new IpaNode(choice, left, right, value));
        }

        return [.. kept];
    }

    // Among equals what was added first stays.
    private int Compare(int i, int j)
    {
        var (a, b) = (_found[i].Value, _found[j].Value);
        var order = b.Score.CompareTo(a.Score);
        if (order == 0)
            order = a.Cost.CompareTo(b.Cost);
        if (order == 0)
            order = a.Cores.CompareTo(b.Cores);
        if (order == 0)
            order = a.TimeUs.CompareTo(b.TimeUs);
        return order != 0 ? order : i.CompareTo(j);
    }

    // All kept have at least this score.
    private static bool Dominated(List<IpaNode> kept, IpaValue value)
    {
        foreach (var node in kept)
        {
            if (node.Value.Cost <= value.Cost && node.Value.Cores <= value.Cores && node.Value.TimeUs <= value.TimeUs)
                return true;
        }

        return false;
    }
}

using System.Collections.Immutable;

namespace ServerlessLoki.Batching.Residency;

/// <summary>What runs next at a given slack: all pairs are looked at beforehand, so that a batch costs a search in a short sorted array.</summary>
internal sealed class ResidentChoice
{
    // Accuracies are products of decimals; a bound that a user copied from a status page must not fail by rounding.
    private const double Tolerance = 1e-9;
    private readonly ImmutableArray<ResidentPair> _pairs;
    private readonly ResidentPair _relief;
    private readonly double[] _fromUs;
    private readonly ResidentPair[] _choice;

    /// <summary>Takes the pairs of <see cref="ResidentPairs"/>.</summary>
    /// <param name="rule">How the slack decides.</param>
    /// <param name="pairs">At least one, shortest first.</param>
    /// <param name="buckets">Buckets of <see cref="ResidentRule.SlackFit"/>; at least 1.</param>
    public ResidentChoice(ResidentRule rule, ImmutableArray<ResidentPair> pairs, int buckets)
    {
        ArgumentOutOfRangeException.ThrowIfZero(pairs.Length, nameof(pairs));
        _pairs = pairs;
        _relief = pairs.MaxBy(p => p.RowsPerUs);
        (BestAccuracy, MostRows) = (pairs.Max(p => p.Accuracy), pairs.Max(p => p.Batch));
        var steps = rule switch
        {
            ResidentRule.MaxAccuracy => Best(pairs, static (p, best) => (p.Accuracy, p.Batch).CompareTo((best.Accuracy, best.Batch)) > 0),
            ResidentRule.MaxBatch => LargestBatch(pairs),
            _ => Buckets(pairs, buckets),
        };
        (_fromUs, _choice) = ([.. steps.Select(s => s.FromUs)], [.. steps.Select(s => s.Choice)]);
    }

    /// <summary>Accuracy of the best variant, 0..1.</summary>
    public double BestAccuracy { get; }

    /// <summary>Rows of the largest batch.</summary>
    public int MostRows { get; }

    /// <summary>Whether a variant is as accurate as asked.</summary>
    /// <param name="minAccuracy">Least accuracy, 0..1.</param>
    public bool Reaches(double minAccuracy) => BestAccuracy >= minAccuracy - Tolerance;

    /// <summary>The pair to run. A head that no pair saves gets the one of the highest throughput: then that alone is left to win.</summary>
    /// <param name="slackUs">Until the head's batch must have ended, microseconds.</param>
    /// <param name="minAccuracy">Least accuracy that the rows accept here; 0 = any.</param>
    public ResidentPair For(double slackUs, double minAccuracy = 0)
    {
        var at = Array.BinarySearch(_fromUs, slackUs);
        // Of equal latencies the last is the choice; between two the one below.
        at = at < 0 ? ~at - 1 : at;
        while (at >= 0 && at < _fromUs.Length - 1 && _fromUs[at + 1] <= slackUs)
            at++;
        var choice = at < 0 ? _relief : _choice[at];
        return choice.Accuracy >= minAccuracy - Tolerance ? choice : Accurate(slackUs, minAccuracy - Tolerance);
    }

    /// <summary>Of the pairs that are accurate enough the one with the largest batch that ends in time; else the shortest; else the most accurate of all.</summary>
    private ResidentPair Accurate(double slackUs, double minAccuracy)
    {
        ResidentPair? found = null;
        foreach (var pair in _pairs)
        {
            if (pair.Accuracy >= minAccuracy && (found is not { } best || (pair.LatencyUs <= slackUs && pair.Batch > best.Batch)))
                found = pair;
        }

        return found ?? _pairs.MaxBy(p => p.Accuracy);
    }

    // A slack below the first bucket's pair may still save the head with fewer rows.
    private static (double FromUs, ResidentPair Choice)[] Buckets(ImmutableArray<ResidentPair> pairs, int buckets)
    {
        var kept = SlackFitBuckets.Of(pairs, buckets).OfType<ResidentPair>().Select(p => (FromUs: p.LatencyUs, Choice: p)).ToArray();
        return [.. LargestBatch(pairs).Where(s => s.FromUs < kept[0].FromUs), .. kept];
    }

    private static (double FromUs, ResidentPair Choice)[] LargestBatch(ImmutableArray<ResidentPair> pairs) =>
        Best(pairs, static (p, best) => (p.Batch, p.Accuracy).CompareTo((best.Batch, best.Accuracy)) > 0);

    /// <summary>For each pair the best of those that take no longer.</summary>
    private static (double FromUs, ResidentPair Choice)[] Best(ImmutableArray<ResidentPair> pairs, Func<ResidentPair, ResidentPair, bool> isBetter)
    {
        var best = pairs[0];
        return [.. pairs.Select(p => (p.LatencyUs, best = isBetter(p, best) ? p : best))];
    }
}

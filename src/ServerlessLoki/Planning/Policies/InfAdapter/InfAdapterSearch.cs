namespace ServerlessLoki.Planning.Policies.InfAdapter;

/// <summary>
/// Exact search over core vectors (InfAdapter, integer program): serve most, then the best AA − w_R·RC − w_L·LC. Variants are taken
/// from the most accurate down, each filled before the next, which is the best split for given cores.
/// </summary>
/// <remarks>A partial choice is left out when another of the same cores has served no less, has loaded no more and keeps
/// its lead even if all it served more had been served by the next variant: later variants add at most the next one's
/// accuracy per query, so no completion can turn the order. What the enumeration of 2.2 does by 20,529 vectors takes some
/// hundred partial choices here.</remarks>
internal sealed class InfAdapterSearch
{
    private const double Tie = 1e-12;

    private readonly InfAdapterVariant[] _variants;
    private readonly InfAdapterOptions _options;
    private readonly double _demandQps;
    private readonly double _weight;
    private readonly int _budget;

    /// <summary>Prepares the search for one pipeline.</summary>
    /// <param name="variants">Most accurate first.</param>
    /// <param name="options">Weights and mode.</param>
    /// <param name="demandQps">λ, above 0.</param>
    /// <param name="weight">The pipeline's weight in all demand; 1 for a single one.</param>
    /// <param name="budget">B: slots of the device.</param>
    public InfAdapterSearch(InfAdapterVariant[] variants, InfAdapterOptions options, double demandQps, double weight, int budget)
    {
        _variants = variants;
        _options = options;
        _demandQps = demandQps;
        _weight = weight;
        _budget = budget;
    }

    /// <summary>Computes AA − w_R·RC − w_L·LC, with AA and LC times the pipeline's weight.</summary>
    public double Objective(InfAdapterDecision decision) =>
        (_weight * (decision.Accuracy - (_options.LoadingWeight * decision.Loading))) - (_options.ResourceWeight * decision.Cores / _budget);

    /// <summary>Finds, for each number of cores, the best choice of exactly so many; null where there is none.</summary>
    public InfAdapterDecision?[] BestByCores()
    {
        if (_options.SingleVariant)
            return SingleVariant();
        var open = Empty();
        open[0].Add(InfAdapterDecision.None);
        for (var v = 0; v < _variants.Length; v++)
        {
            var next = Empty();
            var below = v + 1 < _variants.Length ? _variants[v + 1].Accuracy / _demandQps : 0;
            foreach (var decision in open.SelectMany(d => d))
            {
                foreach (var taken in Extend(decision, v))
                    Keep(next[taken.Cores], taken, below);
            }

            open = next;
        }

        return [.. open.Select(d => d.Aggregate((InfAdapterDecision?)null, (best, x) => best is null || IsBetter(x, best) ? x : best))];
    }

    private List<InfAdapterDecision>[] Empty() => [.. Enumerable.Range(0, _budget + 1).Select(_ => new List<InfAdapterDecision>())];

    private IEnumerable<InfAdapterDecision> Extend(InfAdapterDecision decision, int v)
    {
        var variant = _variants[v];
        var rest = _demandQps - decision.ServedQps;
        yield return decision with { Before = decision, Last = 0 };
        if (rest <= 0)
            yield break;
        var enough = false;
        for (var n = Math.Max(1, variant.MinCores); decision.Cores + n <= _budget; n++)
        {
            var capacity = variant.CapacityQps[n];
            if (capacity <= 0 || (_options.ArtifactRestriction && v < _variants.Length - 1 && capacity > rest))
                continue;

            // More than enough pays only where it saves a reload.
            if (!enough || n == variant.PreviousCores)
                yield return With(decision, variant, n, Math.Min(capacity, rest));
            enough |= capacity >= rest;
        }
    }

    private InfAdapterDecision With(InfAdapterDecision decision, InfAdapterVariant variant, int cores, double qps) => new(
        decision, cores, decision.Cores + cores, decision.ServedQps + qps,
        decision.Accuracy + (qps * variant.Accuracy / _demandQps), Math.Max(decision.Loading, variant.Loading(cores)));

    private void Keep(List<InfAdapterDecision> kept, InfAdapterDecision candidate, double accuracyBelow)
    {
        if (kept.Exists(k => Dominates(k, candidate, accuracyBelow)))
            return;
        kept.RemoveAll(k => Dominates(candidate, k, accuracyBelow));
        kept.Add(candidate);
    }

    private bool Dominates(InfAdapterDecision a, InfAdapterDecision b, double accuracyBelow)
    {
        var more = a.ServedQps - b.ServedQps;

        // The artifact's restriction leaves less room to what has served more.
        if (a.Loading > b.Loading || (_options.ArtifactRestriction ? more != 0 : more < 0))
            return false;
        var lead = a.Accuracy - b.Accuracy - (accuracyBelow * more);
        if (more == 0 && Math.Abs(lead) <= Tie && a.Loading == b.Loading)
            return a.CompareFromLightest(b) <= 0;
        return lead >= -Tie;
    }

    private bool IsBetter(InfAdapterDecision a, InfAdapterDecision b)
    {
        var served = a.ServedQps - b.ServedQps;
        if (Math.Abs(served) > 1e-9 * _demandQps)
            return served > 0;
        var gain = Objective(a) - Objective(b);
        if (Math.Abs(gain) > Tie)
            return gain > 0;
        if (a.Cores != b.Cores)
            return a.Cores < b.Cores;
        return a.Loading != b.Loading ? a.Loading < b.Loading : a.CompareFromLightest(b) < 0;
    }

    // MS+ (InfAdapter, baselines): no variant gets more cores than the most accurate needs.
    private InfAdapterDecision?[] SingleVariant()
    {
        var best = new InfAdapterDecision?[_budget + 1];
        var most = Covering(_variants[0]) ?? _budget;
        for (var v = 0; v < _variants.Length; v++)
        {
            if (Covering(_variants[v]) is { } cores && cores <= most)
                Offer(v, cores);
        }

        // Nothing covers: the lightest with all cores.
        if (best.All(b => b is null))
            Offer(_variants.Length - 1, _budget);
        return best;

        void Offer(int v, int cores)
        {
            var decision = InfAdapterDecision.None;
            for (var i = 0; i < _variants.Length; i++)
            {
                decision = i == v
                    ? With(decision, _variants[i], cores, Math.Min(_demandQps, _variants[i].CapacityQps[cores]))
                    : decision with { Before = decision, Last = 0 };
            }

            if (best[cores] is not { } other || IsBetter(decision, other))
                best[cores] = decision;
        }
    }

    private int? Covering(InfAdapterVariant variant)
    {
        for (var n = Math.Max(1, variant.MinCores); n <= _budget; n++)
        {
            if (variant.CapacityQps[n] >= _demandQps)
                return n;
        }

        return null;
    }

    /// <summary>Tests whether the first of two totals is better: served first, then objective, then fewer cores.</summary>
    public static bool IsBetter((double ServedQps, double Objective) a, (double ServedQps, double Objective) b, double demandQps) =>
        Math.Abs(a.ServedQps - b.ServedQps) > 1e-9 * demandQps ? a.ServedQps > b.ServedQps : a.Objective > b.Objective + Tie;
}

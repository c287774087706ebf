namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Solves IPA's integer program for several pipelines on one device; a limit on all cores is the device's slots.</summary>
internal sealed class IpaSearch
{
    private readonly PlanningProblem _problem;
    private readonly int _device;
    private readonly IpaOptions _options;
    private readonly IpaPins _pins;
    private readonly CancellationToken _cancellationToken;

    public IpaSearch(PlanningProblem problem, int device, IpaOptions options, IpaPins pins, CancellationToken cancellationToken)
    {
        _problem = problem;
        _device = device;
        _options = options;
        _pins = pins;
        _cancellationToken = cancellationToken;
    }

    private int Budget => _problem.Devices[_device].Slots;

    /// <summary>Tests whether the pipelines fit together at this share of their demand.</summary>
    public bool Fits(IReadOnlyList<int> pipelines, double share) => Exact(pipelines, share, scored: false) is not null;

    /// <summary>Finds the best choices at this share of the demand; null when nothing fits.</summary>
    public IpaNode[]? Solve(IReadOnlyList<int> pipelines, double share) => Relaxed(pipelines, share) ?? Exact(pipelines, share, scored: true);

    /// <summary>Computes α·score − β·cores − δ·batches.</summary>
    public double Objective(IpaValue value) => (_options.AccuracyWeight * value.Score) - value.Cost;

    // Without the two limits the program falls apart into pipelines; where the best keeps them, it is the best with them.
    private IpaNode[]? Relaxed(IReadOnlyList<int> pipelines, double share)
    {
        var best = new List<IpaNode>();
        foreach (var p in pipelines)
        {
            var tree = Tree(p, exact: false, scored: true);
            var front = tree.Front(_problem.Pipelines[p].DemandQps * share);
            if (front.Length == 0)
                return null;
            var choice = front.Aggregate((a, b) => IsBetter(b.Value, a.Value) ? b : a);
            if (choice.Value.TimeUs > tree.LimitUs)
                return null;
            best.Add(choice);
        }

        return best.Sum(b => b.Value.Cores) <= Budget ? [.. best] : null;
    }

    private IpaNode[]? Exact(IReadOnlyList<int> pipelines, double share, bool scored)
    {
        // By cores spent over the pipelines so far, each dearer one better.
        List<(double Objective, int Cores, IpaNode[] Chosen)> best = [(0, 0, [])];
        foreach (var p in pipelines)
        {
            var front = Tree(p, exact: true, scored).Front(_problem.Pipelines[p].DemandQps * share);
            best = Undominated(
                from before in best
                from node in front
                where before.Cores + node.Value.Cores <= Budget
                select (before.Objective + Objective(node.Value), before.Cores + node.Value.Cores, (IpaNode[])[.. before.Chosen, node]));
        }

        return best.Count == 0 ? null : best[^1].Chosen;
    }

    private IpaTree Tree(int pipeline, bool exact, bool scored) => new(_problem, pipeline, _device, _options, _pins, exact, scored, _cancellationToken);

    // IPA's integer program solved exactly: fewer cores among equals, then the higher score.
    private bool IsBetter(IpaValue a, IpaValue b)
    {
        const double Tie = 1e-12;
        var gain = Objective(a) - Objective(b);
        if (Math.Abs(gain) > Tie)
            return gain > 0;
        return a.Cores != b.Cores ? a.Cores < b.Cores : a.Score > b.Score;
    }

    private static List<(double Objective, int Cores, IpaNode[] Chosen)> Undominated(IEnumerable<(double Objective, int Cores, IpaNode[] Chosen)> all)
    {
        var kept = new List<(double Objective, int Cores, IpaNode[] Chosen)>();
        foreach (var one in all.OrderBy(x => x.Cores).ThenByDescending(x => x.Objective))
        {
            if (kept.Count == 0 || one.Objective > kept[^1].Objective + 1e-12)
                kept.Add(one);
        }

        return kept;
    }
}

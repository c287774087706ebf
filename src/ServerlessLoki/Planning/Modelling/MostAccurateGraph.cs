namespace ServerlessLoki.Planning.Modelling;

/// <summary><see cref="MostAccurate"/> for graphs whose branches meet again: branch and bound over the tasks in topological order.</summary>
internal sealed class MostAccurateGraph
{
    private readonly PipelineSpace _space;
    private readonly Candidate[][] _candidates;
    private readonly int[] _chosen;
    private readonly double[] _endUs;
    private readonly double[] _accuracy;
    private int[]? _best;
    private double _bestValue = double.NegativeInfinity;

    private MostAccurateGraph(PipelineSpace space, HashSet<(int Task, int Variant)> running)
    {
        _space = space;
        _candidates = [.. space.Candidates.Select(c => c.OrderByDescending(x => x.Accuracy).ThenByDescending(x => running.Contains((x.Task, x.Variant))).ToArray())];
        _chosen = new int[_candidates.Length];
        _endUs = new double[_candidates.Length];
        // Before a task has its variant, the best that it could have stands in: what that gives is a bound.
        _accuracy = [.. _candidates.Select(c => c[0].Accuracy)];
    }

    /// <summary>Chooses a variant index for each task; null when no choice fits.</summary>
    public static int[]? Choose(PipelineSpace space, HashSet<(int Task, int Variant)> running)
    {
        var search = new MostAccurateGraph(space, running);
        search.Assign(0);
        return search._best;
    }

    private void Assign(int task)
    {
        if (task == _candidates.Length)
        {
            (_best, _bestValue) = ((int[])_chosen.Clone(), Bound());
            return;
        }

        var beginUs = 0.0;
        foreach (var edge in _space.Graph.Tasks[task].Incoming)
            beginUs = Math.Max(beginUs, _endUs[edge.From]);
        foreach (var candidate in _candidates[task])
        {
            _accuracy[task] = candidate.Accuracy;
            if (Bound() <= _bestValue * (1 + 1e-12))
                break;
            _endUs[task] = beginUs + candidate.MinUs;
            if (_endUs[task] + _space.MinBelowUs[task] > _space.BudgetUs)
                continue;
            _chosen[task] = candidate.Variant;
            Assign(task + 1);
        }

        _accuracy[task] = _candidates[task][0].Accuracy;
    }

    // A leaf that is never reached still deserves its best variant.
    private double Bound()
    {
        var products = new double[_space.Graph.Visits.Length];
        var sum = 0.0;
        foreach (var visit in _space.Graph.Visits)
        {
            products[visit.Index] = (visit.Parent is { } parent ? products[parent.Index] : 1) * _accuracy[visit.Task];
            if (_space.Graph.Tasks[visit.Task].IsLeaf)
                sum += Math.Max(1e-6, _space.LeafWeights[visit.Index]) * products[visit.Index];
        }

        return sum;
    }
}

using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Search;

internal sealed partial class TreeSearch
{
    private const int Infeasible = -2;
    private const int ReliableAfter = 2;
    private const int MostTrials = 8;
    private const int TrialIterations = 25;

    // Trials in a row that found nothing better than what is known: candidates come best expected first.
    private const int MostFailures = 2;

    // Reliability branching: columns with little history are tried in both directions for a few dual steps. A direction
    // that proves empty tightens the node at once.
    private (int Column, bool Tightened) ChooseBranching()
    {
        SortByScore();
        var (best, bestScore) = (-1, -1.0);
        var (trials, failures, saved) = (0, 0, false);
        for (var f = 0; f < _fractionalCount; f++)
        {
            var j = _fractional[f];
            var x = _simplex.Values[j];
            var fraction = x - Math.Floor(x);
            var down = _pseudo.Estimate(j, up: false, fraction);
            var up = _pseudo.Estimate(j, up: true, 1 - fraction);
            if (_pseudo.Reliability(j) < ReliableAfter && trials < MostTrials && failures < MostFailures)
            {
                if (!saved)
                {
                    _simplex.SaveState();
                    saved = true;
                }

                trials++;
                var objective = _simplex.Objective;
                var downLoss = Try(j, up: false, Math.Floor(x), objective);
                var upLoss = Try(j, up: true, Math.Ceiling(x), objective);
                if (double.IsPositiveInfinity(downLoss) || double.IsPositiveInfinity(upLoss))
                {
                    var low = double.IsPositiveInfinity(downLoss) ? Math.Ceiling(x) : double.NegativeInfinity;
                    var high = double.IsPositiveInfinity(upLoss) ? Math.Floor(x) : double.PositiveInfinity;
                    return _bounds.Tighten(j, low, high) && _bounds.Propagate() ? (j, true) : (Infeasible, false);
                }

                _pseudo.Observe(j, up: false, downLoss, fraction);
                _pseudo.Observe(j, up: true, upLoss, 1 - fraction);
                (down, up) = (downLoss, upLoss);
            }

            var score = PseudoCosts.Score(down, up);
            if (score > bestScore)
                (best, bestScore, failures) = (j, score, 0);
            else
                failures++;
        }

        return (best, false);
    }

    // Objective loss after a few steps with the column on one side; infinite when that side holds nothing worth finding.
    private double Try(int column, bool up, double bound, double objective)
    {
        var (lower, upper) = (_simplex.Lower[column], _simplex.Upper[column]);
        if (up)
            _simplex.Lower[column] = bound;
        else
            _simplex.Upper[column] = bound;
        _simplex.KeepFactor = true;
        var status = _simplex.Solve(TrialIterations, _incumbent.Cutoff);
        _simplex.KeepFactor = false;
        var loss = status switch
        {
            LpStatus.Infeasible or LpStatus.Cutoff => double.PositiveInfinity,
            LpStatus.Optimal when _simplex.Objective >= _incumbent.Cutoff => double.PositiveInfinity,
            LpStatus.Trouble => 0,
            _ => Math.Max(0, _simplex.Objective - objective),
        };
        _simplex.Lower[column] = lower;
        _simplex.Upper[column] = upper;
        _simplex.RestoreState();
        return loss;
    }

    // Best expected first. Insertion sort: the lists are short, and nearly sorted from node to node.
    private void SortByScore()
    {
        for (var a = 1; a < _fractionalCount; a++)
        {
            var j = _fractional[a];
            var score = ExpectedScore(j);
            var b = a - 1;
            while (b >= 0 && ExpectedScore(_fractional[b]) < score)
            {
                _fractional[b + 1] = _fractional[b];
                b--;
            }

            _fractional[b + 1] = j;
        }
    }

    private double ExpectedScore(int j)
    {
        var x = _simplex.Values[j];
        var fraction = x - Math.Floor(x);
        return PseudoCosts.Score(_pseudo.Estimate(j, up: false, fraction), _pseudo.Estimate(j, up: true, 1 - fraction));
    }

    private int Branch(int current, int column, double value)
    {
        var floor = Math.Floor(value + Integrality);
        var fraction = value - floor;
        var bound = _pool[current].Bound;
        _pool[current].Value = value;
        _pool.KeepBasis(current, _simplex.Status);
        var down = _pool.Add(current, column, double.NegativeInfinity, floor, bound);
        var up = _pool.Add(current, column, floor + 1, double.PositiveInfinity, bound);
        var goUp = _incumbent.Exists
            ? _incumbent.Scaled[column] > floor + 0.5
            : _pseudo.Estimate(column, up: true, 1 - fraction) <= _pseudo.Estimate(column, up: false, fraction);
        var (next, other) = goUp ? (up, down) : (down, up);
        _pool.Push(other);
        if (_bounds.Tighten(column, _pool[next].Lower, _pool[next].Upper) && _bounds.Propagate())
            return next;
        return Close(next);
    }

    // Without a usable relaxation (limits, rounding trouble) split the widest integer column in the middle.
    private int BranchBlindly(int current)
    {
        var (widest, width) = (-1, 0.0);
        foreach (var j in _integers)
        {
            var w = Math.Min(_bounds.Upper[j] - _bounds.Lower[j], 1e9);
            if (w > width)
                (widest, width) = (j, w);
        }

        if (widest < 0)
            return Close(current, _pool[current].Bound);
        var low = Math.Max(_bounds.Lower[widest], Math.Min(_bounds.Upper[widest], 1e9) - 2e9);
        return Branch(current, widest, Math.Floor(low + (width / 2)) + (width >= 2 ? 0 : 0.5));
    }

    private void ObserveBranching(int node, double objective)
    {
        ref var child = ref _pool[node];
        if (child.Parent < 0)
            return;
        ref var parent = ref _pool[child.Parent];
        var up = !double.IsNegativeInfinity(child.Lower);
        _pseudo.Observe(child.Column, up, objective - parent.Bound, up ? child.Lower - parent.Value : parent.Value - child.Upper);
    }
}

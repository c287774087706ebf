using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Search;

internal sealed partial class TreeSearch
{
    // Handles a solved node; returns the child to go on with, or −1.
    private int Process(int current, LpStatus status)
    {
        for (var pass = 0; ; pass++)
        {
            if (status is LpStatus.Infeasible)
                return Close(current);
            if (status is LpStatus.Cutoff)
            {
                Drop(Math.Max(_pool[current].Bound, _incumbent.Cutoff));
                return Close(current);
            }

            if (status != LpStatus.Optimal)
                return BranchBlindly(current);
            var objective = _simplex.Objective;
            if (pass == 0)
                ObserveBranching(current, objective);
            if (objective > _pool[current].Bound)
                _pool[current].Bound = objective;
            if (_pool[current].Bound >= _incumbent.Cutoff)
            {
                Drop(_pool[current].Bound);
                return Close(current);
            }

            if (!FixByReducedCosts(objective))
                return Close(current);
            CollectFractional();
            if (_fractionalCount == 0)
            {
                if (TryIncumbent())
                    return Close(current, _simplex.Objective);
                return BranchBlindly(current);
            }

            if (pass == 0 && RunHeuristics())
            {
                if (_pool[current].Bound >= _incumbent.Cutoff)
                {
                    Drop(_pool[current].Bound);
                    return Close(current);
                }

                // The dives left another basis behind; the node's own comes back in a step or two.
                SyncBounds();
                status = SolveRelaxation(_incumbent.Cutoff);
                continue;
            }

            if (pass <= 1)
            {
                TryNeighbourhoods(_pool[current].Bound);
                if (_pool[current].Bound >= _incumbent.Cutoff)
                    continue;
            }

            var (column, tightened) = ChooseBranching();
            if (column == Infeasible)
                return Close(current);
            if (!tightened)
                return Branch(current, column, _simplex.Values[column]);
            SyncBounds();
            status = SolveRelaxation(_incumbent.Cutoff);
        }
    }

    private int Close(int node)
    {
        _pool.Release(node);
        return -1;
    }

    private int Close(int node, double bound)
    {
        Drop(bound);
        return Close(node);
    }

    private void Drop(double bound) => _droppedBound = Math.Min(_droppedBound, _incumbent.RoundUp(bound));

    private bool Load(int node)
    {
        _bounds.Load(_rootLower, _rootUpper);
        var count = 0;
        for (var n = node; _pool[n].Parent >= 0; n = _pool[n].Parent)
        {
            if (count == _chain.Length)
                Array.Resize(ref _chain, 2 * count);
            _chain[count++] = n;
        }

        while (count > 0)
        {
            ref var step = ref _pool[_chain[--count]];
            if (!_bounds.Tighten(step.Column, step.Lower, step.Upper))
                return false;
        }

        if (!_bounds.Propagate())
            return false;
        _simplex.LoadBasis(_pool.Basis(_pool[node].Parent));
        return true;
    }

    private void SyncBounds()
    {
        foreach (var j in _integers)
        {
            _simplex.Lower[j] = _bounds.Lower[j];
            _simplex.Upper[j] = _bounds.Upper[j];
        }
    }

    private LpStatus SolveRelaxation(double cutoff)
    {
        var limit = 2000 + (20 * (_lp.RowCount + _lp.ColumnCount));
        var status = _simplex.Solve(limit, cutoff);
        if (status is not LpStatus.Trouble && !(status == LpStatus.IterationLimit && !_clock.IsOver()))
            return status;
        _simplex.LoadLogicalBasis();
        return _simplex.Solve(4 * limit, cutoff);
    }

    private void CollectFractional()
    {
        _fractionalCount = 0;
        foreach (var j in _integers)
        {
            var x = _simplex.Values[j];
            if (Math.Abs(x - Math.Round(x)) > Integrality)
                _fractional[_fractionalCount++] = j;
        }
    }

    // A nonbasic integer column whose reduced cost eats up the distance to the cutoff cannot leave its bound.
    private bool FixByReducedCosts(double objective)
    {
        if (double.IsPositiveInfinity(_incumbent.Cutoff))
            return true;
        var room = _incumbent.Cutoff - objective + 1e-9;
        var changed = false;
        foreach (var j in _integers)
        {
            var d = Math.Abs(_simplex.ReducedCosts[j]);
            if (d < 1e-7 || _bounds.Lower[j] == _bounds.Upper[j] || _simplex.Status[j] == VariableStatus.Basic)
                continue;
            var steps = Math.Floor((room / d) + 1e-6);
            if (steps >= _simplex.Upper[j] - _simplex.Lower[j])
                continue;
            changed = true;
            var atLower = _simplex.Status[j] == VariableStatus.AtLower;
            var (low, high) = atLower ? (double.NegativeInfinity, _simplex.Lower[j] + steps) : (_simplex.Upper[j] - steps, double.PositiveInfinity);
            if (!_bounds.Tighten(j, low, high))
                return false;
        }

        if (!changed)
            return true;
        var feasible = _bounds.Propagate();
        if (_nodes == 1 && feasible)
            KeepRootBounds();
        return feasible;
    }
}

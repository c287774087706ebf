using ServerlessLoki.Solver.Presolve;
using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Search;

/// <summary>
/// Branch and bound on a reduced program: dives into one child after another (each a few dual simplex steps from its
/// parent), and takes the open node of least bound when a dive ends. All storage is pooled; the loop allocates only when
/// the tree outgrows what it has, or a better solution is found.
/// </summary>
internal sealed partial class TreeSearch
{
    private const double Integrality = 1e-6;

    private readonly ReducedProgram _reduced;
    private readonly SolveOptions _options;
    private readonly SolveClock _clock;
    private readonly LinearProgram _lp;
    private readonly SimplexSolver _simplex;
    private readonly BoundPropagator _bounds;
    private readonly NodePool _pool;
    private readonly PseudoCosts _pseudo;
    private readonly Incumbent _incumbent;
    private readonly int[] _integers;
    private readonly int[] _fractional;
    private readonly double[] _rootLower;
    private readonly double[] _rootUpper;
    private int _fractionalCount;
    private int[] _chain = new int[64];
    private long _nodes;
    private double _droppedBound = double.PositiveInfinity;
    private double _rootBound = double.NegativeInfinity;
    private byte[]? _rootBasis;

    public TreeSearch(ReducedProgram reduced, SolveOptions options, SolveClock clock)
    {
        _reduced = reduced;
        _options = options;
        _clock = clock;
        _lp = reduced.Linear;
        _simplex = new SimplexSolver(_lp) { Interrupt = clock.IsOver };
        _bounds = new BoundPropagator(_lp);
        _pool = new NodePool(_lp.ColumnCount + _lp.RowCount);
        _pseudo = new PseudoCosts(_lp.ColumnCount);
        _incumbent = new Incumbent(reduced, options);
        _integers = [.. Enumerable.Range(0, _lp.ColumnCount).Where(j => _lp.IsInteger[j])];
        _fractional = new int[_integers.Length];
        _rootLower = new double[_lp.ColumnCount];
        _rootUpper = new double[_lp.ColumnCount];
        _savedLower = new double[_lp.ColumnCount];
        _savedUpper = new double[_lp.ColumnCount];
        _stepLower = new double[_lp.ColumnCount];
        _stepUpper = new double[_lp.ColumnCount];
        _savedStatus = new byte[_lp.ColumnCount + _lp.RowCount];
        (_downLocks, _upLocks) = CountLocks();
    }

    /// <summary>Nodes solved so far.</summary>
    public long Nodes => _nodes;

    /// <summary>Simplex iterations so far.</summary>
    public long Iterations => _simplex.Iterations + _innerIterations;

    /// <summary>Statuses of the reduced columns and rows at the root optimum; null before it is known.</summary>
    public byte[]? RootBasis => _rootBasis;

    /// <summary>The best solution so far.</summary>
    public Incumbent Best => _incumbent;

    /// <summary>No solution is better than this, as a reduced minimisation objective.</summary>
    public double Bound { get; private set; } = double.NegativeInfinity;

    /// <summary>Searches to the end or to a limit.</summary>
    /// <param name="warmBasis">Reduced statuses to start the root from, or null.</param>
    /// <param name="warmValues">Scaled reduced values to try first, or null.</param>
    public SolveStatus Run(byte[]? warmBasis, double[]? warmValues)
    {
        _bounds.QueueAll();
        if (!_bounds.Propagate())
            return SolveStatus.Infeasible;
        KeepRootBounds();
        if (warmBasis is not null)
            _simplex.LoadBasis(warmBasis);
        SyncBounds();
        var status = SolveRelaxation(double.PositiveInfinity);
        if (status == LpStatus.Infeasible)
            return SolveStatus.Infeasible;
        if (status == LpStatus.Unbounded)
            return SolveStatus.Unbounded;
        _nodes = 1;
        if (status == LpStatus.Optimal)
        {
            _rootBound = _simplex.Objective;
            _rootBasis = [.. _simplex.Status];
            if (warmValues is not null)
                TryWarmStart(warmValues);
        }

        var over = Explore(status);
        Bound = Math.Min(_incumbent.Objective, _droppedBound);
        if (over)
            Bound = Math.Max(_rootBound, Math.Min(Bound, _openBound));
        if (_incumbent.Exists)
        {
            // Also without a limit: a node whose point rounding errors forbid is given up with its bound.
            var allowed = _incumbent.Tolerance + (1e-9 * Math.Max(1, Math.Abs(_incumbent.Objective)));
            return _incumbent.Objective - Bound > allowed ? SolveStatus.Feasible : SolveStatus.Optimal;
        }

        return over || !double.IsPositiveInfinity(_droppedBound) ? SolveStatus.Limit : SolveStatus.Infeasible;
    }

    private double _openBound = double.PositiveInfinity;

    // Returns whether a limit cut the search short.
    private bool Explore(LpStatus rootStatus)
    {
        var current = _pool.Add(-1, -1, 0, 0, _rootBound);
        var solved = true;
        var status = rootStatus;
        while (true)
        {
            if (!solved)
            {
                if (_clock.IsOver() || _nodes >= (_options.NodeLimit ?? long.MaxValue))
                {
                    _openBound = Math.Min(_pool.LeastBound, _pool[current].Bound);
                    return true;
                }

                _nodes++;
                SyncBounds();
                status = SolveRelaxation(_incumbent.Cutoff);
            }

            solved = false;
            if (status == LpStatus.IterationLimit && _clock.IsOver())
            {
                _openBound = Math.Min(_pool.LeastBound, _pool[current].Bound);
                return true;
            }

            current = Process(current, status);
            while (current < 0)
            {
                if (_pool.OpenCount == 0)
                    return false;
                current = _pool.Pop();
                if (_pool[current].Bound >= _incumbent.Cutoff)
                {
                    // The rest of the heap is no better.
                    Drop(_pool[current].Bound);
                    return false;
                }

                if (!Load(current))
                {
                    _pool.Release(current);
                    current = -1;
                }
            }
        }
    }

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

            if (pass == 0 && RunHeuristics(current))
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

    private void KeepRootBounds()
    {
        _bounds.Lower.CopyTo(_rootLower, 0);
        _bounds.Upper.CopyTo(_rootUpper, 0);
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

    private void ObserveBranching(int node, double objective)
    {
        ref var child = ref _pool[node];
        if (child.Parent < 0)
            return;
        ref var parent = ref _pool[child.Parent];
        var up = !double.IsNegativeInfinity(child.Lower);
        _pseudo.Observe(child.Column, up, objective - parent.Bound, up ? child.Lower - parent.Value : parent.Value - child.Upper);
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

using ServerlessLoki.Solver.Presolve;
using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Search;

/// <summary>Branch and bound on a reduced program: dives into one child after another (each a few dual simplex steps from its parent), and
/// takes the open node of least bound when a dive ends. All storage is pooled; the loop allocates only when the tree outgrows its storage,
/// or a better solution is found.</summary>
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

    /// <summary>Best solution so far.</summary>
    public Incumbent Best => _incumbent;

    /// <summary>Bound on every solution, as a reduced minimisation objective.</summary>
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

    private void KeepRootBounds()
    {
        _bounds.Lower.CopyTo(_rootLower, 0);
        _bounds.Upper.CopyTo(_rootUpper, 0);
    }
}

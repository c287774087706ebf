namespace ServerlessLoki.Solver.Simplex;

/// <summary>
/// Bounded revised simplex on one <see cref="LinearProgram"/> whose bounds may change between solves. A solve runs the
/// dual method (costs shifted where the start is not dual feasible), then, where costs were shifted, the primal method
/// from the feasible point so found; that order needs no artificial variables. All work arrays are allocated once.
/// </summary>
internal sealed partial class SimplexSolver
{
    private const double FeasibilityTolerance = 1e-9;
    private const double DualTolerance = 1e-9;
    private const double PivotTolerance = 1e-7;
    private const double DropTolerance = 1e-12;

    private readonly LinearProgram _lp;
    private readonly BasisFactor _factor;
    private readonly int _columns;
    private readonly int _rows;
    private readonly int _total;
    private readonly double[] _value;
    private readonly double[] _cost;
    private readonly double[] _reduced;
    private readonly double[] _weight;
    private readonly byte[] _status;
    private readonly int[] _head;
    private readonly double[] _rowWork;
    private readonly double[] _positionWork;
    private readonly double[] _rho;
    private readonly double[] _image;
    private readonly double[] _tau;
    private readonly double[] _pivotRow;
    private readonly int[] _pivotRowIndex;
    private readonly bool[] _inPivotRow;
    private readonly int[] _candidates;
    private int _pivotRowCount;
    private bool _factored;
    private bool _costsShifted;
    private bool _perturbed;

    // Computed for the current basis, not carried on through pivots; both change with every pivot.
    private bool _reducedIsFresh;
    private bool _valuesAreFresh;
    private ulong _noise = 0x9E3779B97F4A7C15;

    public SimplexSolver(LinearProgram lp)
    {
        _lp = lp;
        _columns = lp.ColumnCount;
        _rows = lp.RowCount;
        _total = _columns + _rows;
        _factor = new BasisFactor(lp, 48);
        Lower = [.. lp.Lower];
        Upper = [.. lp.Upper];
        _cost = [.. lp.Cost];
        _value = new double[_total];
        _reduced = new double[_total];
        _status = new byte[_total];
        _head = new int[_rows];
        _weight = new double[_rows];
        _rowWork = new double[_rows];
        _positionWork = new double[_rows];
        _rho = new double[_rows];
        _image = new double[_rows];
        _tau = new double[_rows];
        _pivotRow = new double[_total];
        _pivotRowIndex = new int[_total];
        _inPivotRow = new bool[_total];
        _candidates = new int[_total];
        _savedStatus = new byte[_total];
        _savedHead = new int[_rows];
        _savedValue = new double[_total];
        _savedReduced = new double[_total];
        _savedWeight = new double[_rows];
        LoadLogicalBasis();
    }

    /// <summary>Working lower bounds, scaled, columns then rows; may be changed between solves.</summary>
    public double[] Lower { get; }

    /// <summary>Working upper bounds, scaled, columns then rows; may be changed between solves.</summary>
    public double[] Upper { get; }

    /// <summary>Scaled values of columns then rows after a solve.</summary>
    public double[] Values => _value;

    /// <summary>Scaled reduced costs after a solve.</summary>
    public double[] ReducedCosts => _reduced;

    /// <summary>Status of each variable, see <see cref="VariableStatus"/>.</summary>
    public byte[] Status => _status;

    /// <summary>Iterations since construction.</summary>
    public long Iterations { get; private set; }

    /// <summary>True forbids a new factorisation, so that <see cref="RestoreState"/> can undo a few trial iterations; a solve that needs
    /// one ends as IterationLimit.</summary>
    public bool KeepFactor { get; set; }

    /// <summary>Polled during a solve; true ends the solve as IterationLimit.</summary>
    public Func<bool>? Interrupt { get; set; }

    /// <summary>Value of cost·x at the current values.</summary>
    public double Objective
    {
        get
        {
            var sum = 0.0;
            for (var j = 0; j < _columns; j++)
                sum += _lp.Cost[j] * _value[j];
            return sum;
        }
    }

    /// <summary>Solves from the current basis and bounds.</summary>
    /// <param name="iterationLimit">Most iterations of this solve.</param>
    /// <param name="cutoff">Stop as soon as the objective is provably above this.</param>
    public LpStatus Solve(int iterationLimit, double cutoff)
    {
        for (var j = 0; j < _total; j++)
        {
            if (Lower[j] > Upper[j] + FeasibilityTolerance)
                return LpStatus.Infeasible;
        }

        var end = Iterations + iterationLimit;
        for (var round = 0; round < 8; round++)
        {
            RestoreCosts();
            var status = Dual(end, cutoff);
            if (status != LpStatus.Optimal || !_costsShifted)
                return status;
            RestoreCosts();
            if (IsDualFeasible())
                return LpStatus.Optimal;
            if (KeepFactor)
                return LpStatus.IterationLimit;
            status = Primal(end);
            if (status != LpStatus.Trouble)
                return status;
        }

        return LpStatus.Trouble;
    }

    private void RestoreCosts()
    {
        _perturbed = false;
        _shiftPenalty = 0;
        if (_costsShifted)
            _lp.Cost.CopyTo(_cost, 0);
        if (_factored && (_costsShifted || !_reducedIsFresh))
            ComputeReducedCosts();
        _costsShifted = false;
    }

    private bool IsDualFeasible()
    {
        for (var j = 0; j < _total; j++)
        {
            if (DualViolation(j) > DualTolerance)
                return false;
        }

        return true;
    }

    // Above zero when the objective can improve by moving nonbasic j.
    private double DualViolation(int j) => _status[j] switch
    {
        VariableStatus.Basic => 0,
        _ when Lower[j] == Upper[j] => 0,
        VariableStatus.AtLower => -_reduced[j],
        VariableStatus.AtUpper => _reduced[j],
        _ => Math.Abs(_reduced[j]),
    };

    // Deterministic noise in [0.5, 1): breaks ties between degenerate vertices.
    private double Noise()
    {
        _noise ^= _noise << 13;
        _noise ^= _noise >> 7;
        _noise ^= _noise << 17;
        return 0.5 + ((_noise >> 11) * (1.0 / (1UL << 54)));
    }
}

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

    /// <summary>
    /// True forbids a new factorisation, so that a few trial iterations can be undone by <see cref="RestoreState"/>;
    /// a solve that needs one ends as IterationLimit.
    /// </summary>
    public bool KeepFactor { get; set; }

    /// <summary>Asked now and then; true makes the running solve end as IterationLimit.</summary>
    public Func<bool>? Interrupt { get; set; }

    /// <summary>cost·x of the current values.</summary>
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

    /// <summary>Makes the basis of all logical variables current.</summary>
    public void LoadLogicalBasis()
    {
        for (var j = 0; j < _columns; j++)
            _status[j] = VariableStatus.AtLower;
        for (var i = 0; i < _rows; i++)
        {
            _head[i] = _columns + i;
            _status[_columns + i] = VariableStatus.Basic;
        }

        Array.Fill(_weight, 1);
        _factored = false;
    }

    /// <summary>Makes the basis with these statuses current; too many or too few basic variables are repaired.</summary>
    public void LoadBasis(ReadOnlySpan<byte> status)
    {
        status.CopyTo(_status);
        var count = 0;
        for (var j = 0; j < _total; j++)
        {
            if (_status[j] != VariableStatus.Basic)
                continue;
            if (count < _rows)
                _head[count++] = j;
            else
                _status[j] = VariableStatus.AtLower;
        }

        for (var i = 0; count < _rows; i++)
        {
            if (_status[_columns + i] == VariableStatus.Basic)
                continue;
            _status[_columns + i] = VariableStatus.Basic;
            _head[count++] = _columns + i;
        }

        Array.Fill(_weight, 1);
        _factored = false;
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

    private void Refactor()
    {
        if (_factor.Factorise(_head) > 0)
        {
            // Whoever lost its place becomes nonbasic at a bound.
            for (var j = 0; j < _total; j++)
            {
                if (_status[j] == VariableStatus.Basic)
                    _status[j] = VariableStatus.AtLower;
            }

            foreach (var j in _head)
                _status[j] = VariableStatus.Basic;
            Array.Fill(_weight, 1);
        }

        _factored = true;
        ComputeReducedCosts();
        PlaceNonbasic();
        ComputeBasicValues();
    }

    // Returns whether any moved.
    private bool PlaceNonbasic()
    {
        var moved = false;
        for (var j = 0; j < _total; j++)
        {
            if (_status[j] == VariableStatus.Basic)
                continue;
            var (low, high) = (Lower[j], Upper[j]);
            if (_status[j] == VariableStatus.AtUpper ? double.IsPositiveInfinity(high) : double.IsNegativeInfinity(low))
            {
                _status[j] = !double.IsNegativeInfinity(low) ? VariableStatus.AtLower
                    : !double.IsPositiveInfinity(high) ? VariableStatus.AtUpper : VariableStatus.Free;
            }
            else if (_status[j] == VariableStatus.Free)
            {
                _status[j] = VariableStatus.AtLower;
            }

            var value = _status[j] switch
            {
                VariableStatus.AtLower => low,
                VariableStatus.AtUpper => high,
                _ => 0,
            };
            moved |= value != _value[j];
            _value[j] = value;
        }

        return moved;
    }

    private void ComputeBasicValues()
    {
        Array.Clear(_rowWork);
        for (var j = 0; j < _columns; j++)
        {
            var x = _value[j];
            if (_status[j] == VariableStatus.Basic || x == 0)
                continue;
            for (var k = _lp.Starts[j]; k < _lp.Starts[j + 1]; k++)
                _rowWork[_lp.Rows[k]] -= _lp.Values[k] * x;
        }

        for (var i = 0; i < _rows; i++)
        {
            if (_status[_columns + i] != VariableStatus.Basic)
                _rowWork[i] += _value[_columns + i];
        }

        _factor.Forward(_rowWork, _image);
        for (var p = 0; p < _rows; p++)
            _value[_head[p]] = _image[p];
        _valuesAreFresh = true;
    }

    private void ComputeReducedCosts()
    {
        for (var p = 0; p < _rows; p++)
            _positionWork[p] = _cost[_head[p]];
        _factor.Backward(_positionWork, _rho);
        for (var j = 0; j < _columns; j++)
        {
            if (_status[j] == VariableStatus.Basic)
            {
                _reduced[j] = 0;
                continue;
            }

            var d = _cost[j];
            for (var k = _lp.Starts[j]; k < _lp.Starts[j + 1]; k++)
                d -= _rho[_lp.Rows[k]] * _lp.Values[k];
            _reduced[j] = d;
        }

        for (var i = 0; i < _rows; i++)
        {
            var j = _columns + i;
            _reduced[j] = _status[j] == VariableStatus.Basic ? 0 : _cost[j] + _rho[i];
        }

        _reducedIsFresh = true;
    }

    // B⁻¹ times the column of a variable, into target.
    private void Image(int variable, double[] target)
    {
        if (variable >= _columns)
        {
            _rowWork[variable - _columns] = -1;
        }
        else
        {
            for (var k = _lp.Starts[variable]; k < _lp.Starts[variable + 1]; k++)
                _rowWork[_lp.Rows[k]] = _lp.Values[k];
        }

        _factor.Forward(_rowWork, target);
    }

    // Row `position` of B⁻¹ and of B⁻¹·N.
    private void ComputePivotRow(int position)
    {
        _positionWork[position] = 1;
        _factor.Backward(_positionWork, _rho);
        for (var t = 0; t < _pivotRowCount; t++)
        {
            _pivotRow[_pivotRowIndex[t]] = 0;
            _inPivotRow[_pivotRowIndex[t]] = false;
        }

        var count = 0;
        for (var i = 0; i < _rows; i++)
        {
            var r = _rho[i];
            if (Math.Abs(r) < 1e-14)
                continue;
            if (_status[_columns + i] != VariableStatus.Basic)
            {
                _pivotRow[_columns + i] = -r;
                _inPivotRow[_columns + i] = true;
                _pivotRowIndex[count++] = _columns + i;
            }

            for (var k = _lp.ByRowStarts[i]; k < _lp.ByRowStarts[i + 1]; k++)
            {
                var j = _lp.ByRowColumns[k];
                if (!_inPivotRow[j])
                {
                    if (_status[j] == VariableStatus.Basic)
                        continue;
                    _inPivotRow[j] = true;
                    _pivotRowIndex[count++] = j;
                }

                _pivotRow[j] += r * _lp.ByRowValues[k];
            }
        }

        _pivotRowCount = count;
    }

    // Deterministic noise in [0.5, 1): breaks ties between degenerate vertices.
    private double Noise()
    {
        _noise ^= _noise << 13;
        _noise ^= _noise >> 7;
        _noise ^= _noise << 17;
        return 0.5 + ((_noise >> 11) * (1.0 / (1UL << 54)));
    }
}

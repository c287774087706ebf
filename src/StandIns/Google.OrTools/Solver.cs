namespace Google.OrTools.LinearSolver;

/// <summary>A mixed-integer program and the CBC that solves it.</summary>
public partial class Solver : IDisposable
{
    private readonly List<Variable> _variables = [];
    private readonly List<Constraint> _constraints = [];
    private readonly Objective _objective = new();
    private readonly CbcSolve _solve = new();
    private (Variable[] Variables, double[] Values)? _hint;
    private long _timeLimitMs;

    private Solver()
    {
    }

    public enum ResultStatus
    {
        OPTIMAL = 0,
        FEASIBLE = 1,
        INFEASIBLE = 2,
        UNBOUNDED = 3,
        ABNORMAL = 4,
        MODEL_INVALID = 5,
        NOT_SOLVED = 6,
    }

    /// <summary>Null when there is no such backend here.</summary>
    /// <exception cref="DllNotFoundException">CBC's library is not installed.</exception>
    public static Solver? CreateSolver(string solver_id)
    {
        if (!string.Equals(solver_id, "CBC", StringComparison.OrdinalIgnoreCase))
            return null;
        CbcLibrary.Require();
        return new Solver();
    }

    public Variable MakeVar(double lb, double ub, bool integer, string name)
    {
        var variable = new Variable(_variables.Count, lb, ub, integer, name);
        _variables.Add(variable);
        return variable;
    }

    public Constraint MakeConstraint(double lb, double ub, string name)
    {
        var constraint = new Constraint(lb, ub);
        _constraints.Add(constraint);
        return constraint;
    }

    public Objective Objective() => _objective;

    public void SetTimeLimit(long time_limit_milliseconds) => _timeLimitMs = time_limit_milliseconds;

    /// <summary>Values to start from; CBC ignores them where their integers cannot be completed.</summary>
    public void SetHint(MPVariableVector variables, double[] values) => _hint = ([.. variables], [.. values]);

    /// <summary>False, as the package answers for this backend: settings by text are another backend's.</summary>
    public bool SetSolverSpecificParametersAsString(string parameters) => false;

    /// <summary>Ends the running solve soon, from any thread.</summary>
    public bool InterruptSolve()
    {
        _solve.Interrupt();
        return true;
    }

    public ResultStatus Solve(MPSolverParameters param)
    {
        ArgumentNullException.ThrowIfNull(param);
        var program = new CbcProgram(_variables, _constraints, _objective);
        return _solve.Run(program, _hint, _timeLimitMs, param);
    }

    public long Nodes() => _solve.Nodes;

    public long Iterations() => _solve.Iterations;

    /// <summary>Nothing to free here: native memory lives as long as a solve.</summary>
    public void Dispose() => GC.SuppressFinalize(this);
}

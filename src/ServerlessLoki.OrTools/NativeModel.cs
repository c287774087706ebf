using Google.OrTools.LinearSolver;
using ServerlessLoki.Solver;
using NativeSolver = Google.OrTools.LinearSolver.Solver;

namespace ServerlessLoki.OrTools;

/// <summary>Program in the native solver.</summary>
internal sealed class NativeModel : IDisposable
{
    private const double Tolerance = 1e-8;
    private const double AcceptedViolation = 1e-7;

    private readonly MixedIntegerProgram _program;
    private readonly string _backend;
    private readonly NativeSolver _solver;
    private readonly Objective _objective;
    private readonly Variable[] _variables;

    public NativeModel(string backend, MixedIntegerProgram program, bool withObjective = true)
    {
        _program = program;
        _backend = backend;
        _solver = NativeSolver.CreateSolver(backend) ?? throw new InvalidOperationException($"The package Google.OrTools has no backend {backend}.");
        _variables = new Variable[program.ColumnCount];
        for (var j = 0; j < _variables.Length; j++)
            _variables[j] = _solver.MakeVar(program.ColumnLower[j], program.ColumnUpper[j], program.IsInteger[j], "");
        AddRows();
        _objective = _solver.Objective();
        AddObjective(withObjective);
    }

    /// <summary>Runs the native solver; throws when cancelled.</summary>
    public NativeSolver.ResultStatus Solve(SolveOptions options, CancellationToken cancellationToken)
    {
        if (options.TimeLimit is { } limit)
            _solver.SetTimeLimit(Math.Max(1, (long)limit.TotalMilliseconds));
        if (_backend == "SCIP")
            _solver.SetSolverSpecificParametersAsString(ScipSettings(options));
        if (options.WarmStartValues is { } values)
        {
            using var variables = new MPVariableVector(_variables);
            _solver.SetHint(variables, [.. values]);
        }

        using var parameters = new MPSolverParameters();
        parameters.SetDoubleParam(MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP, options.RelativeGap);
        // CBC takes none, and says so on standard error each time.
        if (_backend == "SCIP")
        {
            parameters.SetDoubleParam(MPSolverParameters.DoubleParam.PRIMAL_TOLERANCE, Tolerance);
            parameters.SetDoubleParam(MPSolverParameters.DoubleParam.DUAL_TOLERANCE, Tolerance);
        }

        NativeSolver.ResultStatus status;
        using (new Interruption(_solver, cancellationToken))
            status = _solver.Solve(parameters);
        cancellationToken.ThrowIfCancellationRequested();
        return status;
    }

    /// <summary>Reads the solution that was found.</summary>
    public Solution Read(SolveStatus status, CancellationToken cancellationToken)
    {
        var (nodes, iterations, bound) = (_solver.Nodes(), _solver.Iterations(), _objective.BestBound());
        var values = Rounded();
        if (_program.Violation(values) > AcceptedViolation)
            values = Completed(values, cancellationToken) ?? throw new InvalidOperationException($"{_backend} answered with values that break the program by {_program.Violation(values)}.");
        var objective = _program.Evaluate(values);

        // A bound a rounding error on the wrong side of the objective is the objective.
        bound = _program.Sense == ObjectiveSense.Maximise ? Math.Max(bound, objective) : Math.Min(bound, objective);
        return new Solution { Status = status, Values = values, Objective = objective, Bound = bound, Nodes = nodes, Iterations = iterations };
    }

    /// <summary>Makes a result without a solution.</summary>
    public Solution Nothing(SolveStatus status) => new()
    {
        Status = status,
        Bound = status == SolveStatus.Limit ? _objective.BestBound() : double.NaN,
        Nodes = _solver.Nodes(),
        Iterations = _solver.Iterations(),
    };

    public void Dispose() => _solver.Dispose();

    private static string ScipSettings(SolveOptions options)
    {
        var text = FormattableString.Invariant($"limits/absgap = {options.AbsoluteGap:R}\n");
        return options.NodeLimit is { } nodes ? text + FormattableString.Invariant($"limits/totalnodes = {nodes}\n") : text;
    }

    private void AddRows()
    {
        var rows = new Constraint[_program.RowCount];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = _solver.MakeConstraint(_program.RowLower[i], _program.RowUpper[i], "");
        for (var j = 0; j < _variables.Length; j++)
        {
            for (var k = _program.ColumnStarts[j]; k < _program.ColumnStarts[j + 1]; k++)
                rows[_program.RowIndices[k]].SetCoefficient(_variables[j], _program.Coefficients[k]);
        }
    }

    private void AddObjective(bool withObjective)
    {
        if (_program.Sense == ObjectiveSense.Maximise)
            _objective.SetMaximization();
        else
            _objective.SetMinimization();
        if (!withObjective)
            return;
        _objective.SetOffset(_program.ObjectiveOffset);
        for (var j = 0; j < _variables.Length; j++)
        {
            if (_program.Objective[j] != 0)
                _objective.SetCoefficient(_variables[j], _program.Objective[j]);
        }
    }

    private double[] Rounded()
    {
        var values = new double[_variables.Length];
        for (var j = 0; j < values.Length; j++)
        {
            var x = _variables[j].SolutionValue();
            values[j] = Math.Clamp(_program.IsInteger[j] ? Math.Round(x) : x, _program.ColumnLower[j], _program.ColumnUpper[j]);
        }

        return values;
    }

    // The same integers with continuous columns that fit them to the last digit.
    private double[]? Completed(double[] values, CancellationToken cancellationToken)
    {
        for (var j = 0; j < values.Length; j++)
        {
            if (_program.IsInteger[j])
                _variables[j].SetBounds(values[j], values[j]);
        }

        if (Solve(SolveOptions.Default, cancellationToken) is not NativeSolver.ResultStatus.OPTIMAL)
            return null;
        var completed = Rounded();
        return _program.Violation(completed) <= AcceptedViolation ? completed : null;
    }
}

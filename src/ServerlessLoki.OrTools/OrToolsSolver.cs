using ServerlessLoki.Solver;
using NativeSolver = Google.OrTools.LinearSolver.Solver;

namespace ServerlessLoki.OrTools;

/// <summary>Solver <see cref="ISolver"/> on Google.OrTools: SCIP where the package has it, else CBC. It starts more slowly than the managed
/// solver and is stronger on general programs. Needs the native library of the package; safe to call from any thread.</summary>
/// <remarks>Held to the managed solver's promise, objective to 1e-6 and rows to 1e-7: integers are rounded, and where that would
/// break a row the continuous columns are solved again. A time limit is measured by the native solver on the wall clock,
/// not on <see cref="SolveOptions.TimeProvider"/>. A node limit holds with SCIP; CBC has none here, so give it a time limit.
/// A <see cref="Basis"/> is neither used nor returned.</remarks>
public sealed class OrToolsSolver : ISolver
{
    private static readonly string[] Known = ["SCIP", "CBC"];

    /// <summary>Chooses the native solver.</summary>
    /// <param name="backend">Name of the backend, SCIP or CBC; null = the first of them that the package has.</param>
    /// <exception cref="ArgumentException">The package has no such backend; the message lists those that are known.</exception>
    public OrToolsSolver(string? backend = null)
    {
        Backend = (backend is null ? Known : [backend]).FirstOrDefault(Exists)
            ?? throw new ArgumentException($"$.backend: found {backend ?? "none"}; allowed: {string.Join(", ", Known.Where(Exists))}", nameof(backend));
    }

    /// <summary>Name of the native solver in use.</summary>
    public string Backend { get; }

    /// <inheritdoc/>
    public Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(program);
        options ??= SolveOptions.Default;
        var faults = options.Faults(program.ColumnCount);
        if (faults.Count > 0)
            throw new ArgumentException("The options have faults:\n" + string.Join('\n', faults), nameof(options));
        cancellationToken.ThrowIfCancellationRequested();
        if (BoundsCross(program))
            return new Solution { Status = SolveStatus.Infeasible };

        using var model = new NativeModel(Backend, program);
        var status = model.Solve(options, cancellationToken);
        return status switch
        {
            NativeSolver.ResultStatus.OPTIMAL => model.Read(SolveStatus.Optimal, cancellationToken),
            NativeSolver.ResultStatus.FEASIBLE => model.Read(SolveStatus.Feasible, cancellationToken),
            NativeSolver.ResultStatus.NOT_SOLVED => model.Nothing(SolveStatus.Limit),
            NativeSolver.ResultStatus.INFEASIBLE when !MayBeUnbounded(program) => model.Nothing(SolveStatus.Infeasible),
            NativeSolver.ResultStatus.INFEASIBLE or NativeSolver.ResultStatus.UNBOUNDED or NativeSolver.ResultStatus.ABNORMAL => model.Nothing(Unsolved(program, options, cancellationToken)),
            _ => throw new InvalidOperationException($"{Backend} answered {status} to a program of {program.ColumnCount} columns and {program.RowCount} rows."),
        };
    }

    // Native solvers tell infeasible from unbounded by their presolve's mood; a solve without objective tells for sure.
    private SolveStatus Unsolved(MixedIntegerProgram program, SolveOptions options, CancellationToken cancellationToken)
    {
        using var model = new NativeModel(Backend, program, withObjective: false);
        return model.Solve(options with { WarmStartValues = null }, cancellationToken) switch
        {
            NativeSolver.ResultStatus.INFEASIBLE => SolveStatus.Infeasible,
            NativeSolver.ResultStatus.OPTIMAL or NativeSolver.ResultStatus.FEASIBLE when MayBeUnbounded(program) => SolveStatus.Unbounded,
            _ => SolveStatus.Limit,
        };
    }

    private static bool Exists(string backend)
    {
        using var solver = NativeSolver.CreateSolver(backend);
        return solver is not null;
    }

    private static bool BoundsCross(MixedIntegerProgram program)
    {
        for (var j = 0; j < program.ColumnCount; j++)
        {
            if (program.ColumnLower[j] > program.ColumnUpper[j])
                return true;
        }

        for (var i = 0; i < program.RowCount; i++)
        {
            if (program.RowLower[i] > program.RowUpper[i])
                return true;
        }

        return false;
    }

    private static bool MayBeUnbounded(MixedIntegerProgram program)
    {
        for (var j = 0; j < program.ColumnCount; j++)
        {
            var cost = program.Sense == ObjectiveSense.Maximise ? -program.Objective[j] : program.Objective[j];
            if ((cost > 0 && double.IsNegativeInfinity(program.ColumnLower[j])) || (cost < 0 && double.IsPositiveInfinity(program.ColumnUpper[j])))
                return true;
        }

        return false;
    }
}

using ServerlessLoki.Solver.Blocks;
using ServerlessLoki.Solver.Cuts;
using ServerlessLoki.Solver.Presolve;
using ServerlessLoki.Solver.Search;
using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver;

/// <summary>
/// Managed solver: presolve, bounded revised simplex, branch and bound with warm-started dual steps. Exact to 1e-6 in the
/// objective, feasible to 1e-7 in the original rows. No state between solves, no threads; deterministic.
/// </summary>
public sealed class BranchAndBoundSolver : ISolver
{
    /// <inheritdoc/>
    public Solution Solve(MixedIntegerProgram program, SolveOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(program);
        options ??= SolveOptions.Default;
        var faults = options.Faults(program.ColumnCount);
        if (faults.Count > 0)
            throw new ArgumentException("The options have faults:\n" + string.Join('\n', faults), nameof(options));

        var clock = new SolveClock(options, cancellationToken);
        clock.IsOver();
        return SolveByBlocks(program, options, clock) ?? SolveWhole(program, options, clock);
    }

    // Without the rows that join them, blocks give a bound; where their solutions keep those rows, they are the solution.
    private static Solution? SolveByBlocks(MixedIntegerProgram program, SolveOptions options, SolveClock clock)
    {
        if (BlockStructure.Find(program) is not { } structure)
            return null;
        var (values, bound, nodes, iterations) = (new double[program.ColumnCount], program.ObjectiveOffset, 0L, 0L);
        foreach (var (part, columns) in BlockPrograms.Split(program, structure))
        {
            var warm = options.WarmStartValues;
            var solution = SolveWhole(
                part,
                options with { AbsoluteGap = options.AbsoluteGap / structure.Count, Cutoff = null, WarmStartBasis = null, WarmStartValues = warm is null ? null : [.. columns.Select(j => warm[j])] },
                clock);
            if (solution.Status == SolveStatus.Infeasible)
                return solution with { Nodes = nodes + solution.Nodes, Iterations = iterations + solution.Iterations };
            if (solution.Status != SolveStatus.Optimal)
                return null;
            (bound, nodes, iterations) = (bound + solution.Bound, nodes + solution.Nodes, iterations + solution.Iterations);
            for (var c = 0; c < columns.Length; c++)
                values[columns[c]] = solution.Values[c];
        }

        var objective = program.Evaluate(values);
        var gap = Math.Abs(objective - bound);
        return gap > Math.Max(options.AbsoluteGap, options.RelativeGap * Math.Abs(objective)) || program.Violation(values) > 1e-7
            ? null
            : new Solution { Status = SolveStatus.Optimal, Values = values, Objective = objective, Bound = bound, Nodes = nodes, Iterations = iterations };
    }

    private static Solution SolveWhole(MixedIntegerProgram program, SolveOptions options, SolveClock clock)
    {
        var reduced = Presolver.Run(program, clock: clock);
        if (!reduced.IsFeasible)
            return new Solution { Status = SolveStatus.Infeasible };
        // What follows takes a large program several times the memory, and time, only to find that there is none left.
        if (options.WarmStartValues is null && clock.IsOver())
            return OutOfTime(program);
        var sign = program.Sense == ObjectiveSense.Maximise ? -1 : 1;
        var limit = options.Cutoff is { } beaten ? (sign * beaten) - reduced.Offset : double.PositiveInfinity;
        var (strengthened, basis) = RootCuts.Strengthen(reduced, ReducedBasis(reduced, options.WarmStartBasis), clock, limit);
        if (options.WarmStartValues is null && clock.IsOver())
            return OutOfTime(program);
        var search = new TreeSearch(strengthened, options, clock);
        search.LimitTo(limit);
        var status = search.Run(basis, ReducedValues(reduced, options.WarmStartValues));
        if (status == SolveStatus.Unbounded && !IsFeasible(program, clock))
            status = SolveStatus.Infeasible;
        var solution = ToSolution(reduced, search, status);
        if (options.Cutoff is not { } cutoff || solution.Status is not (SolveStatus.Infeasible or SolveStatus.Limit))
            return solution;

        // What was left aside is no better than the cutoff; that is all that is known of it.
        var bound = status == SolveStatus.Limit ? sign * Math.Min(sign * solution.Bound, sign * cutoff) : cutoff;
        return solution with { Status = SolveStatus.Limit, Bound = bound };
    }

    // Nothing is proven: the bound lies on the better side of every objective.
    private static Solution OutOfTime(MixedIntegerProgram program) => new()
    {
        Status = SolveStatus.Limit, Bound = program.Sense == ObjectiveSense.Maximise ? double.PositiveInfinity : double.NegativeInfinity,
    };

    // An unbounded relaxation of rational data means unbounded or infeasible; a solve without objective tells which.
    private static bool IsFeasible(MixedIntegerProgram program, SolveClock clock)
    {
        var search = new TreeSearch(Presolver.Run(program.WithoutObjective()), SolveOptions.Default, clock);
        return search.Run(null, null) != SolveStatus.Infeasible;
    }

    private static Solution ToSolution(ReducedProgram reduced, TreeSearch search, SolveStatus status)
    {
        var sign = reduced.Original.Sense == ObjectiveSense.Maximise ? -1 : 1;
        var has = status is SolveStatus.Optimal or SolveStatus.Feasible;
        return new Solution
        {
            Status = status,
            Values = has ? search.Best.Values : [],
            Objective = has ? reduced.Original.Evaluate(search.Best.Values) : double.NaN,
            Bound = status is SolveStatus.Optimal or SolveStatus.Feasible or SolveStatus.Limit ? sign * (search.Bound + reduced.Offset) : double.NaN,
            Nodes = search.Nodes,
            Iterations = search.Iterations,
            Basis = search.RootBasis is { } basis ? OriginalBasis(reduced, basis) : null,
        };
    }

    private static double[]? ReducedValues(ReducedProgram reduced, IReadOnlyList<double>? values)
    {
        if (values is null)
            return null;
        var scaled = new double[reduced.Columns.Length];
        for (var j = 0; j < scaled.Length; j++)
            scaled[j] = values[reduced.Columns[j]] / reduced.Linear.ColumnScale[j];
        return scaled;
    }

    private static byte[]? ReducedBasis(ReducedProgram reduced, Basis? basis)
    {
        var (columns, rows) = (reduced.Original.ColumnCount, reduced.Original.RowCount);
        if (basis is null || basis.ColumnCount != columns || basis.RowCount != rows)
            return null;
        var status = new byte[reduced.Columns.Length + reduced.Rows.Length];
        for (var j = 0; j < reduced.Columns.Length; j++)
            status[j] = basis.Status[reduced.Columns[j]];
        for (var i = 0; i < reduced.Rows.Length; i++)
            status[reduced.Columns.Length + i] = basis.Status[columns + reduced.Rows[i]];
        return status;
    }

    private static Basis OriginalBasis(ReducedProgram reduced, byte[] status)
    {
        var (columns, rows) = (reduced.Original.ColumnCount, reduced.Original.RowCount);
        var full = new byte[columns + rows];
        Array.Fill(full, VariableStatus.AtLower, 0, columns);
        Array.Fill(full, VariableStatus.Basic, columns, rows);
        for (var j = 0; j < reduced.Columns.Length; j++)
            full[reduced.Columns[j]] = status[j];
        for (var i = 0; i < reduced.Rows.Length; i++)
            full[columns + reduced.Rows[i]] = status[reduced.Columns.Length + i];
        return new Basis(columns, rows, full);
    }
}

using ServerlessLoki.Solver.Presolve;
using ServerlessLoki.Solver.Simplex;

namespace ServerlessLoki.Solver.Cuts;

/// <summary>Strengthening of the relaxation before the search: rounds of cuts while they improve the bound.</summary>
internal static class RootCuts
{
    private const int MostRounds = 5;
    private const int StallRounds = 2;

    /// <summary>
    /// Returns the program with the cuts that are tight at its optimum, and the optimal basis; the program as it came when
    /// it has no integer columns or its relaxation is not solved to the end. Ends as soon as the bound reaches the cutoff.
    /// </summary>
    public static (ReducedProgram Program, byte[]? Basis) Strengthen(
        ReducedProgram reduced, byte[]? warmBasis, SolveClock clock, double cutoff = double.PositiveInfinity)
    {
        var lp = reduced.Linear;
        if (!Array.Exists(lp.IsInteger, static i => i))
            return (reduced, warmBasis);
        var simplex = new SimplexSolver(lp) { Interrupt = clock.IsOver };
        if (warmBasis is not null)
            simplex.LoadBasis(warmBasis);
        if (Solve(simplex, lp) != LpStatus.Optimal)
            return (reduced, warmBasis);
        var cuts = new List<CutRow>();
        var (best, basis, first) = (lp, simplex.Status.ToArray(), simplex.Objective);
        var (bound, stalled) = (first, 0);
        for (var round = 0; round < MostRounds && stalled < StallRounds && bound < cutoff && !clock.IsOver(); round++)
        {
            var added = new GomorySeparator(best).Separate(simplex);
            if (added.Count == 0)
                break;
            var kept = Tight(lp, cuts, simplex.Status);
            var status = Statuses(lp, cuts, simplex.Status, added.Count);
            kept.AddRange(added);
            var next = lp.With(kept);
            var trial = new SimplexSolver(next) { Interrupt = clock.IsOver };
            trial.LoadBasis(status);
            if (Solve(trial, next) != LpStatus.Optimal)
                break;
            (simplex, best, cuts, basis) = (trial, next, kept, trial.Status.ToArray());

            // Far along, a round must still bring a visible share of what all rounds brought.
            var gain = simplex.Objective - bound;
            stalled = gain < 0.02 * (simplex.Objective - first) || gain < 1e-7 * Math.Abs(bound) ? stalled + 1 : 0;
            bound = Math.Max(bound, simplex.Objective);
        }

        if (bound <= first)
            return (reduced, basis[..(lp.ColumnCount + lp.RowCount)]);
        var last = Tight(lp, cuts, simplex.Status);
        return (reduced with { Linear = lp.With(last) }, Statuses(lp, cuts, simplex.Status, 0));
    }

    private static LpStatus Solve(SimplexSolver simplex, LinearProgram lp) =>
        simplex.Solve(2000 + (20 * (lp.RowCount + lp.ColumnCount)), double.PositiveInfinity);

    private static List<CutRow> Tight(LinearProgram lp, List<CutRow> cuts, byte[] status) =>
        [.. cuts.Where((_, c) => status[lp.ColumnCount + lp.RowCount + c] != VariableStatus.Basic)];

    // Statuses of the columns, the rows, the cuts that stay, and new basic ones.
    private static byte[] Statuses(LinearProgram lp, List<CutRow> cuts, byte[] status, int added)
    {
        var fixedPart = lp.ColumnCount + lp.RowCount;
        var kept = status.AsSpan(fixedPart, cuts.Count).ToArray().Where(static s => s != VariableStatus.Basic);
        return [.. status[..fixedPart], .. kept, .. Enumerable.Repeat(VariableStatus.Basic, added)];
    }
}

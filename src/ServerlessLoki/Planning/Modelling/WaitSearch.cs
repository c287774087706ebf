using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// Solves a program over a space with waits. Response times multiply the levels of every variant: two tasks make one program, five make none that
/// has a relaxation in a second. So larger ones start from the best plan of their time splits (<see cref="TimeSplit"/>), are bounded by a
/// program in which nothing takes any time, and are searched as a whole only where they are not too large.
/// </summary>
internal sealed class WaitSearch
{
    /// <summary>Most choices with which the program is searched at once, from the plan in force.</summary>
    private const long Small = 1500;

    /// <summary>Most choices with which the program is searched as a whole.</summary>
    private const long Large = 6000;

    private readonly PlanSolver _solver;
    private readonly double _gap;

    /// <summary>Prepares the search.</summary>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="gap">Relative distance to the bound at which the search stops.</param>
    public WaitSearch(PlanSolver solver, double gap) => (_solver, _gap) = (solver, gap);

    /// <summary>True where the last plan was found by one search of the whole space.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Tests whether the program of a space is too large to be searched as a whole.</summary>
    public static bool IsLarge(PlanningSpace space) => Choices(space) > Large;

    /// <summary>Solves the program of a space; no draft when there is none or none was found: the solution's status tells which.</summary>
    /// <param name="space">Space to search.</param>
    /// <param name="program">Makes the program of a space, with the same goal for each space.</param>
    public (Solution Solution, PlanDraft? Draft) Solve(PlanningSpace space, Func<PlanningSpace, PlanProgram> program)
    {
        IsWhole = false;
        var choices = Choices(space);
        if (choices <= Small && _solver.Try(program(space), null) is var small && (small.Draft is not null || small.Solution.Status == SolveStatus.Infeasible))
        {
            IsWhole = small.Draft is not null;
            return _solver.Noted(small);
        }

        var bound = _solver.HasTimeFor(space) ? _solver.Relaxed(program(WithoutTime(space))) : new Solution { Status = SolveStatus.Limit };
        if (bound.Status == SolveStatus.Infeasible)
            return (bound, null);
        (Solution Solution, PlanDraft? Draft) best = (new Solution { Status = SolveStatus.Limit, Bound = bound.Bound }, null);
        foreach (var split in TimeSplit.Of(space))
        {
            if (!_solver.HasTimeFor(split))
                break;
            best = Better(best, _solver.Try(program(split), null), bound.Bound);
            // Without a bound there is nothing to compare by, and no time either: the first one that was found is it.
            if (best.Draft is not null && !double.IsFinite(bound.Bound))
                break;
            if (best.Solution.Gap <= _gap)
                return (best.Solution with { Status = SolveStatus.Optimal }, best.Draft);
        }

        if (choices <= Large && _solver.HasTimeFor(space))
        {
            var whole = _solver.Try(program(space), best.Draft);
            if (whole.Solution.Status is SolveStatus.Optimal or SolveStatus.Infeasible)
                return whole;
            best = Better(best, whole, double.IsFinite(whole.Solution.Bound) ? Tighter(whole.Solution.Bound, bound.Bound, best.Solution.Objective) : bound.Bound);
        }

        _solver.Doubt();
        return best;
    }

    // How many rows or columns it takes to say which levels may be together, and which variant is where at which.
    private static long Choices(PlanningSpace space)
    {
        var choices = space.Candidates.Sum(c => (long)c.Levels.Length) * space.Problem.Devices.Count(d => d.Slots > 0);
        foreach (var prefix in space.Prefixes)
        {
            for (var above = prefix.Parent; above is not null && prefix.Last.Levels.Length > 1; above = above.Parent)
                choices += Math.Min(above.Last.Levels.Length, prefix.Last.Levels.Length);
        }

        return choices;
    }

    private static (Solution Solution, PlanDraft? Draft) Better(
        (Solution Solution, PlanDraft? Draft) best, (Solution Solution, PlanDraft? Draft) found, double bound)
    {
        var isBetter = found.Draft is not null
            && (best.Draft is null || Math.Abs(found.Solution.Objective - bound) < Math.Abs(best.Solution.Objective - bound));
        var (solution, draft) = isBetter ? found : best;
        return (solution with { Bound = bound, Status = draft is null ? SolveStatus.Limit : SolveStatus.Feasible }, draft);
    }

    // The bound nearer to what was found, whichever side they are on.
    private static double Tighter(double one, double other, double objective) =>
        double.IsNaN(objective) || Math.Abs(one - objective) <= Math.Abs(other - objective) ? one : other;

    // Every variant at once as fast as at its fastest level and as strong as at its strongest, and nothing kept free.
    private static PlanningSpace WithoutTime(PlanningSpace space) => space.With(c =>
    [
        new LatencyLevel(
            0, c.Levels.MaxBy(l => l.SlotQps.Max())!.Batch,
            [.. Enumerable.Range(0, space.Problem.Devices.Length).Select(d => c.Levels.Max(l => l.SlotQps[d]))]),
    ]);
}

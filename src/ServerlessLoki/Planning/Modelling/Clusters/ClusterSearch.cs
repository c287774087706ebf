using System.Collections.Immutable;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling.Clusters;

/// <summary>
/// An accurate plan of many pipelines that share a large cluster, with a proven bound. The fractional optimum
/// (<see cref="FractionalPlan"/>) gives the bound, a first plan by rounding up, and the variants and levels that are worth a second
/// look; one program of those alone, small enough to search, then makes the most of whole slots.
/// </summary>
/// <remarks>The bound takes slots as divisible, so the gap reported is what rounding may cost at most: several tenths of a percent with four
/// to twenty slots a task. One program of everything has no relaxation in a second at this size.</remarks>
internal sealed class ClusterSearch
{
    private const double LeastColumns = 4000;
    private const double MostChoices = 1_000_000;

    // A variant that costs its pipeline more than this share of its accuracy, at the best prices, is left out.
    private const double Margin = 0.05;

    private readonly PlanningSpace _space;
    private readonly double _gap;
    private readonly FractionalPlan _fractional;
    private readonly Func<PlanProgram, PlanDraft?, (Solution Solution, PlanDraft? Draft)> _solve;

    /// <summary>Prepares the search.</summary>
    /// <param name="space">Choices to search; see <see cref="Fits"/>.</param>
    /// <param name="gap">Relative distance to the bound at which the search stops.</param>
    /// <param name="price">Solves a program of prices; null when a limit struck.</param>
    /// <param name="solve">Solves a plan program, starting from a draft where there is one.</param>
    public ClusterSearch(
        PlanningSpace space,
        double gap,
        Func<MixedIntegerProgram, Solution?> price,
        Func<PlanProgram, PlanDraft?, (Solution Solution, PlanDraft? Draft)> solve)
    {
        (_space, _gap, _solve) = (space, gap, solve);
        _fractional = new FractionalPlan(space, price);
    }

    /// <summary>Tests whether the search applies: the space is too large for one exact program, its pipelines are trees, and it is small
    /// enough to go through every pipeline's choices.</summary>
    public static bool Fits(PlanningSpace space) =>
        space.BurstRows is null
        && space.Pipelines.Length > 1
        && space.Candidates.Sum(c => c.Levels.Length * (double)space.Problem.Devices.Length) >= LeastColumns
        && space.Pipelines.All(p => p.CanServe && p.Graph.IsTree && p.Prefixes.Sum(t => t.Sum(Choices)) <= MostChoices);

    /// <summary>Runs the search; no draft when no plan serves all demand, or none was found.</summary>
    public (Solution Solution, PlanDraft? Draft) Run()
    {
        _fractional.Solve(0.1 * _gap);
        if (_fractional.Bound < 0)
            return (new Solution { Status = SolveStatus.Infeasible }, null);
        var first = WholeSlots.Round(_space, _fractional);
        var starts = first?.Slots.Select(s => (s.Candidate, s.Level)) ?? _fractional.Taken(1).OrderBy(t => t.Share).SelectMany(t => t.Choice.Parts).Select(p => (p.Candidate, p.Level));
        foreach (var (candidate, level) in starts)
            _fractional.Pin(candidate, level);
        var losses = _fractional.Losses(Margin);
        var small = _space.With(c => Level(c, losses[c.Id]));
        var (solution, draft) = _solve(new PlanProgram(small, Goal.MostAccurate), first);
        return draft is not null ? (Proved(solution, solution.Objective), draft)
            : first is not null ? (Proved(solution, Objective(first)), first)
            : Everything();
    }

    // Where slots are few to a task, whole ones may call for variants that lose more than the margin when slots are divisible.
    private (Solution Solution, PlanDraft? Draft) Everything()
    {
        var (solution, draft) = _solve(new PlanProgram(_space, Goal.MostAccurate), null);
        var proved = draft is not null ? Proved(solution, solution.Objective)
            : solution.Status == SolveStatus.Infeasible ? solution
            : new Solution { Status = SolveStatus.Limit, Bound = _fractional.Bound };
        return (proved, draft);
    }

    private static double Choices(Prefix prefix) => prefix.Upward().Aggregate(1.0, (n, c) => n * c.Levels.Length);

    private static ImmutableArray<LatencyLevel> Level(Candidate candidate, double[] losses) =>
        losses.Min() <= Margin ? [candidate.Levels[Array.IndexOf(losses, losses.Min())]] : [];

    private Solution Proved(Solution solution, double objective) => solution with
    {
        Objective = objective,
        Bound = Math.Max(objective, _fractional.Bound),
        Status = _fractional.Bound - objective <= _gap * Math.Abs(objective) ? SolveStatus.Optimal : SolveStatus.Feasible,
    };

    private double Objective(PlanDraft draft)
    {
        var weights = PipelineWeights.Of(_space.Problem);
        return _space.Prefixes.Sum(p => draft.Flow[p.Id] * weights[p.Last.Pipeline] * _space.Pipelines[p.Last.Pipeline].LeafWeights[p.Visit] * p.Accuracy);
    }
}

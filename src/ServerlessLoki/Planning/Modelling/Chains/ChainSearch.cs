using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling.Chains;

/// <summary>
/// The most accurate plan of one pipeline without branches on one kind of device: branch and bound over the latency levels of
/// variants, with an integer program of a few rows (<see cref="ChainProgram"/>) for each node. Where a variant runs at two levels at
/// once, one child has the lower of them and the other the higher; where none does, the plan is one that can be. A plan to beat is there from
/// the start where the variants and levels in force still carry the demand.
/// </summary>
/// <remarks>The same optimum as <see cref="PlanProgram"/>, in about a third of the time: a program that leaves the levels
/// open has 13 rows where that one has 134 (Loki, traffic analysis on its public profiles), and its optimum is close.</remarks>
internal sealed class ChainSearch
{
    private const double MostFlows = 5000;

    private readonly PlanningSpace _space;
    private readonly Func<MixedIntegerProgram, double?, Solution?> _solve;
    private readonly double _gap;
    private readonly double _swapPenalty;
    private readonly int _device;
    private readonly PriorityQueue<ChainLevels, double> _open = new();
    private readonly HashSet<string> _tried = [];
    private (Solution Solution, ChainProgram Program)? _best;
    private double _closedBound = double.NegativeInfinity;

    /// <summary>Prepares the search.</summary>
    /// <param name="space">Choices to search; see <see cref="Fits"/>.</param>
    /// <param name="solve">(program, objective to beat) → its solution; null when a limit struck.</param>
    /// <param name="gap">Relative distance to the bound at which the search stops.</param>
    /// <param name="swapPenalty">Cost of loading a variant into a slot, in accuracy.</param>
    public ChainSearch(PlanningSpace space, Func<MixedIntegerProgram, double?, Solution?> solve, double gap, double swapPenalty)
    {
        (_space, _solve, _gap, _swapPenalty) = (space, solve, gap, swapPenalty);
        _device = Devices(space).Single();
    }

    private double Beaten => _best is { } best ? best.Solution.Objective + (_gap * Math.Abs(best.Solution.Objective)) : double.NegativeInfinity;

    /// <summary>Tests whether the search applies: no branches, one kind of device, the latency rule C5, and not too many choices of paths
    /// and levels.</summary>
    public static bool Fits(PlanningSpace space) =>
        space.BurstRows is null
        && space.Pipelines.Length == 1
        && space.Pipelines[0].CanServe
        && space.Pipelines[0].Graph is { IsTree: true } graph
        && graph.Tasks.All(t => t.Outgoing.Length <= 1)
        && space.Pipelines[0].Prefixes[^1].Sum(p => p.Upward().Aggregate(1.0, (n, c) => n * c.Levels.Length)) <= MostFlows
        && Devices(space).Take(2).Count() == 1;

    /// <summary>Searches to the end or to a limit.</summary>
    public (Solution Solution, PlanDraft? Draft) Run()
    {
        if (_space.Problem.Previous is { } previous)
            TryPlan([.. _space.Candidates.Select(c => Level(c, previous))]);
        _open.Enqueue(ChainLevels.All(_space), double.NegativeInfinity);
        while (_open.TryPeek(out var levels, out var negated) && -negated > Beaten)
        {
            if (!Visit(levels, -negated))
                break;
        }

        return _best is { } best ? (Proved(best.Solution), best.Program.Read(best.Solution)) : (new Solution { Status = Ended }, null);
    }

    private SolveStatus Ended => _open.Count > 0 || !double.IsNegativeInfinity(_closedBound) ? SolveStatus.Limit : SolveStatus.Infeasible;

    // Kinds that can run anything at all.
    private static IEnumerable<int> Devices(PlanningSpace space) => Enumerable.Range(0, space.Problem.Devices.Length)
        .Where(d => space.Candidates.Any(c => c.Levels.Any(l => l.SlotQps[d] > 0)));

    // The best plan of so few choices is soon found, and the sooner one is known, the more of the tree need not be opened.
    private void TryPlan(int[] levels)
    {
        if (!_tried.Add(string.Join(' ', levels)))
            return;
        var program = new ChainProgram(_space, _device, ChainLevels.Only(levels), _swapPenalty);
        if (_solve(program.Build(), _best is null ? null : Beaten) is { HasValues: true } solution)
            Keep(solution, program);
    }

    private void Keep(Solution solution, ChainProgram program)
    {
        if (_best is null || solution.Objective > _best.Value.Solution.Objective)
            _best = (solution, program);
    }

    // The level that a plan runs a variant at; −1 where it does not.
    private int Level(Candidate candidate, Plan plan)
    {
        foreach (var slot in plan.Slots)
        {
            if ((slot.Pipeline, slot.Task, slot.Variant, slot.Device) == (candidate.Pipeline, candidate.Task, candidate.Variant, _device))
                return Math.Min(candidate.Levels.Count(l => l.Batch[_device] < slot.Batch), candidate.Levels.Length - 1);
        }

        return -1;
    }

    // False when a limit struck first.
    private bool Visit(ChainLevels levels, double bound)
    {
        var program = new ChainProgram(_space, _device, levels, _swapPenalty);
        if (_solve(program.Build(), _best is null ? null : Beaten) is not { } solution)
            return false;
        _open.Dequeue();
        if (solution.Status == SolveStatus.Infeasible)
            return true;
        bound = Math.Min(bound, solution.Bound);
        var shares = solution.HasValues ? program.Shares(solution) : [];
        var (candidate, level) = Split(shares);
        if (candidate >= 0)
        {
            // Each variant at the level that most of its flow has.
            TryPlan([.. shares.Select(s => s.Max() > 0 ? Array.IndexOf(s, s.Max()) : -1)]);
            _open.Enqueue(levels.UpTo(candidate, level), -bound);
            _open.Enqueue(levels.From(candidate, level + 1), -bound);
            return true;
        }

        _closedBound = Math.Max(_closedBound, bound);
        if (solution.HasValues)
            Keep(solution, program);
        return true;
    }

    // The variant and the level above which the smaller part of its flow is largest; −1 when all run at one level.
    private static (int Candidate, int Level) Split(double[][] shares)
    {
        var (best, size) = ((-1, -1), 0.0);
        for (var c = 0; c < shares.Length; c++)
        {
            var (below, above) = (0.0, shares[c].Sum());
            for (var k = 0; k < shares[c].Length; k++)
            {
                (below, above) = (below + shares[c][k], above - shares[c][k]);
                if (Math.Min(below, above) > Math.Max(size, 1e-9))
                    (best, size) = ((c, k), Math.Min(below, above));
            }
        }

        return best;
    }

    private Solution Proved(Solution best)
    {
        var open = _open.TryPeek(out _, out var least) ? -least : double.NegativeInfinity;
        var bound = Math.Max(best.Objective, Math.Max(_closedBound, open));
        var isOptimal = bound - best.Objective <= _gap * Math.Abs(best.Objective) * (1 + 1e-6);
        return best with { Bound = bound, Status = isOptimal ? SolveStatus.Optimal : SolveStatus.Feasible };
    }
}

using ServerlessLoki.Planning.Modelling.Chains;
using ServerlessLoki.Planning.Modelling.Clusters;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Solves plan programs: limits, latency cuts, node counts.</summary>
internal sealed class PlanSolver
{
    // A round adds rows for every path that breaks the latency rule; real pipelines need a handful.
    private const int MaxRounds = 200;

    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly SolveOptions _options;
    private readonly CancellationToken _cancellationToken;

    public PlanSolver(ISolver solver, TimeProvider? clock, PlanningOptions options, CancellationToken cancellationToken)
    {
        _solver = solver;
        _clock = clock;
        _options = new SolveOptions
        {
            RelativeGap = options.RelativeGap,
            NodeLimit = options.NodeLimit,
            TimeProvider = clock,
            TimeLimit = clock is null ? null : options.TimeLimit,
        };
        _cancellationToken = cancellationToken;
    }

    /// <summary>Branch-and-bound nodes so far.</summary>
    public int Nodes { get; private set; }

    /// <summary>Solves; no draft when there is none or when a limit struck first: the solution's status tells which.</summary>
    public (Solution Solution, PlanDraft? Draft) Solve(PlanProgram program) => Solve(program, _options);

    private (Solution Solution, PlanDraft? Draft) Solve(PlanProgram program, SolveOptions limits)
    {
        for (var round = 0; ; round++)
        {
            var options = limits.WarmStartValues is null && program.WarmStart() is { } start ? limits with { WarmStartValues = start } : limits;
            var solution = _solver.Solve(program.Build(), options, _cancellationToken);
            Count(solution);
            if (!solution.HasValues)
                return (solution, null);
            if (!program.AddLatencyCuts(solution))
                return (solution, program.Read(solution));
            if (round == MaxRounds)
                return (solution with { Status = SolveStatus.Limit, Values = [] }, null);
        }
    }

    /// <summary>The most accurate plan that serves everything (loki.md 2.4), by the fastest exact way; no draft as above.</summary>
    public (Solution Solution, PlanDraft? Draft) MostAccurate(PlanningSpace space)
    {
        var (started, nodes) = (_clock?.GetTimestamp() ?? 0, Nodes);
        if (ChainSearch.Fits(space))
            return new ChainSearch(space, Part, _options.RelativeGap, PlanProgram.LeastSwapPenalty).Run();
        if (ClusterSearch.Fits(space))
            return new ClusterSearch(space, _options.RelativeGap, p => Part(p, null), Rest).Run();
        return Solve(new PlanProgram(space, Goal.MostAccurate));

        (Solution, PlanDraft?) Rest(PlanProgram program, PlanDraft? start)
        {
            var time = _options.TimeLimit - _clock?.GetElapsedTime(started);
            return time <= TimeSpan.Zero
                ? (new Solution { Status = SolveStatus.Limit }, null)
                : Solve(program, _options with { TimeLimit = time, WarmStartValues = start is null ? null : program.Values(start) });
        }

        Solution? Part(MixedIntegerProgram program, double? cutoff)
        {
            var time = _options.TimeLimit - _clock?.GetElapsedTime(started);
            var left = _options.NodeLimit - (Nodes - nodes);
            if (time <= TimeSpan.Zero || left <= 0)
                return null;
            var solution = _solver.Solve(program, _options with { TimeLimit = time, NodeLimit = left, Cutoff = cutoff }, _cancellationToken);
            Count(solution);
            return solution;
        }
    }

    /// <summary>The proof of a last step.</summary>
    public PlanProof Proof(Solution solution, string step) => new(
        solution.Objective, solution.Bound, solution.Status == SolveStatus.Optimal ? "optimal" : "limit reached", Nodes, step);

    private void Count(Solution solution) => Nodes += (int)Math.Min(solution.Nodes, int.MaxValue - Nodes);
}

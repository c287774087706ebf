using ServerlessLoki.Planning.Solving;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Solves plan programs: limits, latency cuts, node counts.</summary>
internal sealed class PlanSolver
{
    // A round adds rows for every path that breaks the latency rule; real pipelines need a handful.
    private const int MaxRounds = 200;

    private readonly ISolver _solver;
    private readonly SolveOptions _options;
    private readonly CancellationToken _cancellationToken;

    public PlanSolver(ISolver solver, TimeProvider? clock, PlanningOptions options, CancellationToken cancellationToken)
    {
        _solver = solver;
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

    /// <summary>Solves; null values when infeasible or when a limit struck first.</summary>
    public (Solution Solution, PlanDraft? Draft) Solve(PlanProgram program)
    {
        for (var round = 0; ; round++)
        {
            var options = program.WarmStart() is { } start ? _options with { WarmStartValues = start } : _options;
            var solution = _solver.Solve(program.Build(), options, _cancellationToken);
            Nodes += (int)Math.Min(solution.Nodes, int.MaxValue - Nodes);
            if (!solution.HasValues)
                return (solution, null);
            if (!program.AddLatencyCuts(solution))
                return (solution, program.Read(solution));
            if (round == MaxRounds)
                return (solution with { Status = SolveStatus.Limit, Values = [] }, null);
        }
    }

    /// <summary>The proof of a last step.</summary>
    public PlanProof Proof(Solution solution, string step) => new(
        solution.Objective, solution.Bound, solution.Status == SolveStatus.Optimal ? "optimal" : "limit reached", Nodes, step);
}

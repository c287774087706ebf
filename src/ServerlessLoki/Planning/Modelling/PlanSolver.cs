using ServerlessLoki.Planning.Modelling.Chains;
using ServerlessLoki.Planning.Modelling.Clusters;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Solver of plan programs, with limits, latency cuts and node counts.</summary>
internal sealed class PlanSolver
{
    // A round adds rows for every path that breaks the latency rule; real pipelines need a handful.
    private const int MaxRounds = 200;

    /// <summary>Time per prefix to build a program and load it into the solver, on a usual machine.</summary>
    private static readonly TimeSpan PerPrefix = TimeSpan.FromMicroseconds(4);

    /// <summary>Status of a proof that the clock cut short.</summary>
    public const string TimeRanOut = "time ran out";

    private readonly ISolver _solver;
    private readonly TimeProvider? _clock;
    private readonly SolveOptions _options;
    private readonly long? _since;
    private readonly CancellationToken _cancellationToken;
    private bool _isProven = true;
    private bool _isLate;

    /// <summary>Sets the limits.</summary>
    /// <param name="solver">Solves the programs.</param>
    /// <param name="clock">Measures time; null = only the node limit holds.</param>
    /// <param name="options">Limits and gap.</param>
    /// <param name="cancellationToken">Stops a solve.</param>
    /// <param name="since">Time stamp from which the time limit counts for all solves together; null = each solve has the whole
    /// limit.</param>
    public PlanSolver(ISolver solver, TimeProvider? clock, PlanningOptions options, CancellationToken cancellationToken, long? since = null)
    {
        _since = since;
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

    /// <summary>Branch-and-bound nodes of all solves so far.</summary>
    public int Nodes { get; private set; }

    /// <summary>Reason why the search may have missed a better plan; null while every step since <see cref="Restart"/> was
    /// proven.</summary>
    public string? Unproven => _isProven ? null : _isLate ? TimeRanOut : "limit reached";

    /// <summary>Begins another plan: proofs of earlier solves no longer count.</summary>
    public void Restart() => (_isProven, _isLate) = (true, false);

    /// <summary>Solves a program; no draft when there is none or when a limit struck first: the solution's status tells which.</summary>
    public (Solution Solution, PlanDraft? Draft) Solve(PlanProgram program) => Noted(Solve(program, _options));

    /// <summary>Solves a program of a space, unless too little time is left to build it.</summary>
    public (Solution Solution, PlanDraft? Draft) Solve(PlanningSpace space, Func<PlanProgram> program) => HasTimeFor(space) ? Solve(program()) : Noted((Late(TimeSpan.Zero), null));

    /// <summary>Tests whether a program of the space can be built in the time that is left, so that a large one is not begun without that
    /// time.</summary>
    public bool HasTimeFor(PlanningSpace space)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var hasTime = !(TimeLeft(_options, _clock?.GetTimestamp() ?? 0) <= PerPrefix * space.Prefixes.Length);
        _isLate |= !hasTime;
        return hasTime;
    }

    /// <summary>Solves one of several programs with the same goal; the caller decides whether the result proves anything.</summary>
    /// <param name="program">Program to solve.</param>
    /// <param name="start">Plan to start from, made in another space of the same problem; null = the plan in force.</param>
    public (Solution Solution, PlanDraft? Draft) Try(PlanProgram program, PlanDraft? start) =>
        Solve(program, start is null ? _options : _options with { WarmStartValues = program.Values(start) });

    /// <summary>Solves the relaxation only: its bound holds, its values need not be a plan.</summary>
    public Solution Relaxed(PlanProgram program)
    {
        var time = TimeLeft(_options, _clock?.GetTimestamp() ?? 0);
        if (time <= TimeSpan.Zero)
            return Late(time);
        var solution = _solver.Solve(program.Build(), _options with { TimeLimit = time, NodeLimit = 1 }, _cancellationToken);
        Count(solution);
        return solution;
    }

    /// <summary>Records that a step was not solved to the end.</summary>
    public void Doubt() => _isProven = false;

    // The rounds share one limit: a program with its cuts is one solve.
    private (Solution Solution, PlanDraft? Draft) Solve(PlanProgram program, SolveOptions limits)
    {
        var (started, nodes) = (_clock?.GetTimestamp() ?? 0, Nodes);
        _isProven &= !program.IsThinned;
        for (var round = 0; ; round++)
        {
            var (time, left) = (TimeLeft(limits, started), limits.NodeLimit - (Nodes - nodes));
            if (time <= TimeSpan.Zero || left <= 0 || round > MaxRounds)
                return (Late(time), null);
            var options = limits with
            {
                TimeLimit = time,
                NodeLimit = left,
                WarmStartValues = limits.WarmStartValues ?? program.WarmStart(),
            };
            var solution = _solver.Solve(program.Build(), options, _cancellationToken);
            Count(solution);
            if (!solution.HasValues)
            {
                _isLate |= solution.Status == SolveStatus.Limit && TimeLeft(limits, started) <= TimeSpan.Zero;
                return (solution, null);
            }

            if (!program.AddLatencyCuts(solution))
            {
                _isLate |= solution.Status == SolveStatus.Feasible && TimeLeft(limits, started) <= TimeSpan.Zero;
                return (solution, program.Read(solution));
            }
        }
    }

    /// <summary>Finds the most accurate plan that serves everything (Loki, accuracy scaling), by the fastest exact method; no draft when
    /// there is none or when a limit struck first.</summary>
    public (Solution Solution, PlanDraft? Draft) MostAccurate(PlanningSpace space) => Noted(Accurate(space));

    private (Solution Solution, PlanDraft? Draft) Accurate(PlanningSpace space)
    {
        var (started, nodes) = (_clock?.GetTimestamp() ?? 0, Nodes);
        _isProven &= !space.IsThinned;
        if (ChainSearch.Fits(space))
            return new ChainSearch(space, Part, _options.RelativeGap, PlanProgram.LeastSwapPenalty).Run();
        if (ClusterSearch.Fits(space))
            return new ClusterSearch(space, _options.RelativeGap, p => Part(p, null), Rest).Run();
        return HasTimeFor(space) ? Solve(new PlanProgram(space, Goal.MostAccurate), _options) : (Late(TimeSpan.Zero), null);

        (Solution, PlanDraft?) Rest(PlanProgram program, PlanDraft? start)
        {
            var time = TimeLeft(_options, started);
            return time <= TimeSpan.Zero
                ? (Late(time), null)
                : Solve(program, _options with { TimeLimit = time, WarmStartValues = start is null ? null : program.Values(start) });
        }

        Solution? Part(MixedIntegerProgram program, double? cutoff)
        {
            var time = TimeLeft(_options, started);
            var left = _options.NodeLimit - (Nodes - nodes);
            if (time <= TimeSpan.Zero || left <= 0)
            {
                Late(time);
                return null;
            }

            var solution = _solver.Solve(program, _options with { TimeLimit = time, NodeLimit = left, Cutoff = cutoff }, _cancellationToken);
            Count(solution);
            return solution;
        }
    }

    /// <summary>Makes the proof of a last step; "optimal" only where every step before it was proven too.</summary>
    public PlanProof Proof(Solution solution, string step) => new(solution.Objective, solution.Bound, Unproven ?? "optimal", Nodes, step);

    private TimeSpan? TimeLeft(SolveOptions limits, long started) => limits.TimeLimit - _clock?.GetElapsedTime(_since ?? started);

    private Solution Late(TimeSpan? time)
    {
        _isLate |= time <= TimeSpan.Zero;
        return new Solution { Status = SolveStatus.Limit };
    }

    /// <summary>Records whether a step was proven.</summary>
    public (Solution Solution, PlanDraft? Draft) Noted((Solution Solution, PlanDraft? Draft) found)
    {
        _isProven &= found.Solution.Status is SolveStatus.Optimal or SolveStatus.Infeasible;
        return found;
    }

    private void Count(Solution solution) => Nodes += (int)Math.Min(solution.Nodes, int.MaxValue - Nodes);
}

using System.Collections.Immutable;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Simulation;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>One planning of <see cref="UnifiedPolicy"/>: solve, rehearse, raise head-room, again.</summary>
internal sealed class UnifiedSearch
{
    /// <summary>Processing may drift so far before routes find a path too slow.</summary>
    private const double ProcessingSlack = 1.1;
    private const double ShortStep = 1.4;
    private const double LongStep = 2;
    private const double FarOff = 4;
    private readonly PlanningProblem _problem;
    private readonly UnifiedOptions _options;
    private readonly PlanSolver _solver;
    private readonly double _swapPenalty;
    private readonly double _loadShare;
    private readonly TimeProvider? _clock;
    private readonly long _started;
    private readonly CancellationToken _cancellationToken;

    public UnifiedSearch(PlanningProblem problem, UnifiedOptions options, ISolver solver, TimeProvider? clock, CancellationToken cancellationToken)
    {
        _problem = problem = DemandOutlook.Of(problem, options.LoadTimes);
        _options = options;
        _loadShare = problem.LoadTime > TimeSpan.Zero ? 1 / options.LoadTimes : 0;
        var limits = problem.Options with
        {
            RelativeGap = Math.Max(problem.Options.RelativeGap, options.Gap),
            NodeLimit = Math.Min(problem.Options.NodeLimit ?? long.MaxValue, options.Nodes),
        };
        _solver = new PlanSolver(solver, clock, limits, cancellationToken);
        _swapPenalty = options.SwapAccuracy / Math.Max(1, problem.Devices.Sum(d => d.Slots));
        _clock = clock;
        _started = clock?.GetTimestamp() ?? 0;
        _cancellationToken = cancellationToken;
    }

    private sealed record Tried(Plan Plan, double[] Missed, double Worst);

    public Plan Plan()
    {
        var rows = BurstRows.Start(_problem);
        var rehearsal = new Rehearsal(_problem, _options.ReplayRows);
        Tried? best = null;
        for (var round = 0; ; round++)
        {
            var tried = Try(Solve(rows), rehearsal);
            if (best is null || tried.Worst < best.Worst)
                best = tried;
            if (tried.Worst <= _options.MissedShare || round + 1 >= _options.Rounds || IsLate() || !Raise(rows, tried))
                return best.Plan with { PolicyState = BurstRows.Next(_problem, best.Plan, best.Missed, _options.MissedShare), Why = [.. best.Plan.Why, Outcome(best, round + 1)] };
        }
    }

    /// <summary>The time of one plan is spent: what is found so far must do.</summary>
    private bool IsLate() => _clock is not null && _clock.GetElapsedTime(_started) >= _problem.Options.TimeLimit;

    private bool Raise(double[][] rows, Tried tried)
    {
        var raised = false;
        for (var p = 0; p < rows.Length; p++)
        {
            // A pipeline that sheds would only shed more.
            if (tried.Missed[p] > _options.MissedShare && tried.Plan.ServedShare[p] >= 1)
                raised |= BurstRows.Raise(_problem, rows[p], p, tried.Missed[p] > FarOff * _options.MissedShare ? LongStep : ShortStep);
        }

        return raised;
    }

    private Tried Try(Plan plan, Rehearsal rehearsal)
    {
        var result = rehearsal.Try(plan, _cancellationToken);
        // What the plan sheds is meant to be missed.
        var missed = result.Pipelines.Select((m, p) => Math.Max(0, m.Violation - (1 - plan.ServedShare[p]))).ToArray();
        return new Tried(plan, missed, missed.Max());
    }

    private Plan Solve(double[][] rows)
    {
        var burst = rows.Select(r => r.ToImmutableArray()).ToImmutableArray();
        // What went well in rehearsals needs less of the reserve too, unless a wrong forecast cannot be mended before models have loaded.
        var reserve = _options.ForecastReserve * (_loadShare > 0 ? 1 : BurstRows.ShareOfRule(_problem, rows));
        var cautious = _problem with { Options = _problem.Options with { Utilization = _problem.Options.Utilization * (1 - reserve) } };
        var space = PlanningSpace.Create(cautious, burstRows: burst);
        if (_problem.Options.Objective is not null && _solver.Solve(new PlanProgram(space, Goal.BestWorth, loadShare: _loadShare)) is { Draft: { } worthy } traded)
        {
            var worth = _solver.Proof(traded.Solution, "worth");
            return Assemble(
                worthy, burst, worth,
                [$"Demand {Explain.Demand(_problem)}: the best of accuracy against cost by the objective's weights.", .. Explain.Flows(worthy), .. Explain.Budgets(space)]);
        }

        var accurate = space.MostAccurateOnly();
        var budgets = Explain.Budgets(space).ToList();
        var cheapest = _solver.Solve(new PlanProgram(accurate, Goal.LeastCost, loadShare: _loadShare));
        if (cheapest.Draft is { } fewest)
        {
            var why = $"Demand {Explain.Demand(_problem)} fits {Explain.Variants(accurate)}, the most accurate variants, on {Explain.Count(fewest.Slots.Sum(s => s.Replicas), "slot")} of {Explain.Slots(_problem)}.";
            return Assemble(fewest, burst, _solver.Proof(cheapest.Solution, "cost"), space.Pipelines.Any(p => p.CanServe) ? [why, .. budgets] : budgets);
        }

        var reason = Explain.NoPlan(accurate, cheapest.Solution);
        var mixed = _solver.Solve(new PlanProgram(space, Goal.MostAccurate, swapPenalty: _swapPenalty));
        if (mixed.Draft is { } best)
        {
            var proof = _solver.Proof(mixed.Solution, "accuracy");
            return Assemble(best, burst, proof, [$"{reason}: the most accurate mix.", .. Explain.Flows(best), Explain.Proof(best, proof), .. budgets]);
        }

        var (draft, overload) = Overload.Plan(space, _solver);
        return Assemble(
            draft, burst, overload,
            [Explain.NoMix(reason, mixed.Solution, draft), .. Explain.Flows(draft), Explain.Proof(draft, overload), .. budgets]);
    }

    private Plan Assemble(PlanDraft draft, ImmutableArray<ImmutableArray<double>> burst, PlanProof proof, IEnumerable<string> why)
    {
        var plan = PlanAssembler.Assemble(draft, PlanningPolicies.Unified, proof, why);
        var processing = draft.Space.Pipelines.Select(p => PlanAssembler.SlowestUs(draft, p)).ToArray();
        return plan with
        {
            PolicyState = new HeadroomState(burst),
            ProcessingUs = [.. processing.Select((us, p) => us > 0 ? us * ProcessingSlack : _problem.Pipelines[p].Pipeline.SloUs * _problem.Options.ProcessingShare)],
        };
    }

    private static string Outcome(Tried tried, int rounds) =>
        $"Rehearsed {(rounds == 1 ? "once" : $"{rounds} times")} on the arrivals seen lately: {100 * tried.Worst:0.##} % of the worst pipeline's queries missed their deadline.";
}

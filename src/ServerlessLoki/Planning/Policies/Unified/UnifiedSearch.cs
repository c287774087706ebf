using System.Collections.Immutable;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>One planning of <see cref="UnifiedPolicy"/>: solve, rehearse, raise head-room, again; then compare with what other policies would run.</summary>
internal sealed class UnifiedSearch
{
    private const double ShortStep = 1.4;
    private const double LongStep = 2;
    private const double FarOff = 4;
    private const double Rounding = 1e-6;

    /// <summary>Share of the allowed misses below which a plan without head-room may replace one that holds.</summary>
    private const double Comfortable = 0.2;

    /// <summary>Share of the time limit for the policy's own programs; the rest is for the plans to compare with and for
    /// rehearsals.</summary>
    private const double OwnTime = 0.6;
    private readonly PlanningProblem _problem;
    private readonly UnifiedOptions _options;
    private readonly PlanSolver _solver;
    private readonly WaitSearch _search;
    private readonly Incumbents _incumbents;
    private readonly double[] _floors;
    private readonly double _swapPenalty;
    private readonly double _loadShare;
    private readonly TimeProvider? _clock;
    private readonly long _started;
    private readonly CancellationToken _cancellationToken;

    public UnifiedSearch(PlanningProblem problem, UnifiedOptions options, ISolver solver, TimeProvider? clock, CancellationToken cancellationToken)
    {
        _problem = problem = DemandLevel.Of(DemandOutlook.Of(problem, options.LoadTimes), options.LoadTimes);
        _floors = BurstRows.Floors(problem);
        _options = options;
        _loadShare = problem.LoadTime > TimeSpan.Zero ? 1 / options.LoadTimes : 0;
        _clock = clock;
        _started = clock?.GetTimestamp() ?? 0;
        var limits = problem.Options with
        {
            RelativeGap = Math.Max(problem.Options.RelativeGap, options.Gap),
            NodeLimit = Math.Min(problem.Options.NodeLimit ?? long.MaxValue, options.Nodes),
        };
        _solver = new PlanSolver(solver, clock, limits with { TimeLimit = OwnTime * limits.TimeLimit }, cancellationToken, clock is null ? null : _started);
        _search = new WaitSearch(_solver, limits.RelativeGap);
        _incumbents = new Incumbents(problem with { Options = limits }, solver, clock, _started, cancellationToken);
        _swapPenalty = options.SwapAccuracy / Math.Max(1, problem.Devices.Sum(d => d.Slots));
        _cancellationToken = cancellationToken;
    }

    public Plan Plan()
    {
        var rehearsal = new Rehearsal(_problem, _options.ReplayRows);
        var rows = BurstRows.Start(_problem);
        var (own, rounds) = Own(rows, rehearsal);
        var order = new PlanOrder(_problem, _options);
        var best = own;
        var isCompared = false;
        foreach (var (name, plan) in _incumbents.Beside(own, Reserve(rows), order))
        {
            if (isCompared && IsOver())
                break;
            isCompared = true;
            var other = Rehearse(plan with { PolicyState = own.Plan.PolicyState }, rehearsal, own.Plan) with { Origin = name };
            if (order.IsBetter(other, best) && (!order.Holds(own) || other.Worst <= Comfortable * _options.MissedShare))
                best = other;
        }

        foreach (var plan in ResidentPlans.Of(_problem, _options.SwapAccuracy))
        {
            var other = Rehearse(plan with { PolicyState = own.Plan.PolicyState }, rehearsal, own.Plan) with { Origin = ResidentPlans.Name };
            // Of equals it is the safer one: what no rehearsal shows costs it accuracy, not answers. Swings of seconds are such.
            if (!order.IsBetter(best, other) || (best.Origin != ResidentPlans.Name && other.Served >= best.Served - _options.MissedShare && ResidentPlans.IsOverrun(_problem, best.Plan, _options.MissedShare)))
                best = other;
            if (best == other && order.Holds(other) && other.Accuracy >= order.BestAccuracy - _options.SwapAccuracy)
                break;
        }

        if (Unreserved(best) is { } whole && Rehearse(whole, rehearsal, best.Plan) with { Origin = best.Origin ?? "the same slots without head-room" } is var stretched && !order.IsBetter(best, stretched))
            best = stretched;
        // It may have the capacity for the demand and miss deadlines all the same.
        var fails = PlanInForce.Beside(_problem, best.Plan) is { } inForce && Rehearse(inForce with { PolicyState = best.Plan.PolicyState }, rehearsal).Worst > _options.MissedShare;
        return Published(best, own, rounds, fails);
    }

    // The best of several rounds of the policy's own programs.
    private (Tried Best, int Rounds) Own(double[][] rows, Rehearsal rehearsal)
    {
        Tried? best = null;
        for (var round = 1; ; round++)
        {
            var tried = Rehearse(Solve(rows), rehearsal) with { IsWhole = _search.IsWhole };
            if (best is null || tried.Worst < best.Worst)
                best = tried;
            if (tried.Worst <= _options.MissedShare || round >= _options.Rounds || IsLate() || !Raise(rows, tried))
                return (best, round);
        }
    }

    // A plan that sheds, with all that its slots can carry; null where that is no more.
    private Plan? Unreserved(Tried best)
    {
        if (_problem.Cores is not null || best.Plan.ServedShare.All(s => s >= 1) || best.Plan.Slots.IsEmpty)
            return null;
        var placed = PlacedPlan.Assemble(_problem, best.Plan.Slots, best.Plan.Policy, best.Plan.Proof, best.Plan.Why);
        return placed.ServedShare.Where((s, p) => s < best.Plan.ServedShare[p] - Rounding).Any() || !placed.ServedShare.Where((s, p) => s > best.Plan.ServedShare[p] + Rounding).Any()
            ? null
            : placed with { PolicyState = best.Plan.PolicyState, ProcessingUs = Incumbents.ProcessingUs(_problem, placed) };
    }

    private Plan Published(Tried best, Tried own, int rounds, bool previousFails)
    {
        var outcome = $"Rehearsed {(rounds == 1 ? "once" : $"{rounds} times")} on the arrivals seen lately: {100 * best.Worst:0.##} % of the worst pipeline's queries missed their deadline.";
        if (best == own)
        {
            var late = own.Plan.Proof.Status == PlanSolver.TimeRanOut ? (string[])["Time ran out before the search had ended."] : [];
            return own.Plan with { PolicyState = Next(own, previousFails), Proof = Open(own.Plan), Why = [.. own.Plan.Why, .. late, outcome] };
        }

        var (proof, gap) = OrderBounds.Proof(_problem, best.Plan, own.Plan.Proof);
        return best.Plan with
        {
            Version = own.Plan.Version,
            Policy = PlanningPolicies.Unified,
            PolicyState = Next(best, previousFails),
            Proof = proof,
            Why =
            [
                own.Plan.Why[0],
                $"Published is the plan of {best.Origin}: {Reason(best, own)}",
                .. best.Plan.Why,
                gap,
                outcome,
            ],
        };
    }

    // What a last resort serves may be known to be all there is; then its accuracy is what is open.
    private PlanProof Open(Plan plan) =>
        !double.IsFinite(plan.Proof.Bound) || (plan.Proof is { Step: "overload", Status: not "optimal" } && plan.ServedShare.All(s => s >= 1))
            ? OrderBounds.Proof(_problem, plan, plan.Proof).Proof with { Status = plan.Proof.Status }
            : plan.Proof;

    private static string Reason(Tried best, Tried own) =>
        (own.Plan.Proof.Status == PlanSolver.TimeRanOut ? "time ran out before the search had ended, and what it had found" : "the best plan with head-room")
        + $" served {100 * own.Served:0.#} % at accuracy {own.Accuracy:0.0000} in rehearsal, this one {100 * best.Served:0.#} % at {best.Accuracy:0.0000}.";

    private HeadroomState Next(Tried tried, bool previousFails) =>
        BurstRows.Next(_problem, tried.Plan, tried.Missed, _options.MissedShare, _floors) with { PreviousFails = previousFails };

    /// <summary>Tests whether the time for the policy's own programs is used up: the search then returns the best plan so far.</summary>
    private bool IsLate() => _clock is not null && _clock.GetElapsedTime(_started) >= OwnTime * _problem.Options.TimeLimit;

    /// <summary>Tests whether the whole time limit is used up: other plans are then rehearsed no more.</summary>
    private bool IsOver() => _clock is not null && _clock.GetElapsedTime(_started) >= _problem.Options.TimeLimit;

    private bool Raise(double[][] rows, Tried tried)
    {
        var raised = false;
        for (var p = 0; p < rows.Length; p++)
        {
            // A pipeline that sheds would only shed more.
            if (tried.Missed[p] <= _options.MissedShare || tried.Plan.ServedShare[p] < 1)
                continue;
            BurstRows.Failed(_problem, rows[p], _floors, p);
            raised |= BurstRows.Raise(_problem, rows[p], p, tried.Missed[p] > FarOff * _options.MissedShare ? LongStep : ShortStep);
        }

        return raised;
    }

    private Tried Rehearse(Plan plan, Rehearsal rehearsal, Plan? beside = null) =>
        Tried.Of(_problem, plan, rehearsal.Try(plan, beside, _options.MissedShare, _cancellationToken), _options.MissedShare);

    // What went well in rehearsals needs less of the reserve too, unless a wrong forecast cannot be mended before models have loaded.
    private double Reserve(double[][] rows) => _options.ForecastReserve * (_loadShare > 0 ? 1 : BurstRows.ShareOfRule(_problem, rows));

    private Plan Solve(double[][] rows)
    {
        _solver.Restart();
        var burst = rows.Select(r => r.ToImmutableArray()).ToImmutableArray();
        var cautious = _problem with { Options = _problem.Options with { Utilization = _problem.Options.Utilization * (1 - Reserve(rows)) } };
        var space = PlanningSpace.Create(cautious, burstRows: burst);
        if (_problem.Options.Objective is not null && _search.Solve(space, s => new PlanProgram(s, Goal.BestWorth, loadShare: _loadShare)) is { Draft: { } worthy } traded)
        {
            var worth = _solver.Proof(traded.Solution, "worth");
            return Assemble(
                worthy, burst, worth,
                [$"Demand {Explain.Demand(_problem)}: the best of accuracy against cost by the objective's weights.", .. Explain.Flows(worthy), .. Explain.Budgets(space)]);
        }

        var accurate = space.MostAccurateOnly();
        var budgets = Explain.Budgets(space).ToList();
        var cheapest = _search.Solve(accurate, s => new PlanProgram(s, Goal.LeastCost, loadShare: _loadShare));
        if (cheapest.Draft is { } fewest)
        {
            var why = $"Demand {Explain.Demand(_problem)} fits {Explain.Variants(accurate)}, the most accurate variants, on {Explain.Count(fewest.Slots.Sum(s => s.Replicas), "slot")} of {Explain.Slots(_problem)}.";
            return Assemble(fewest, burst, _solver.Proof(cheapest.Solution, "cost"), space.Pipelines.Any(p => p.CanServe) ? [why, .. budgets] : budgets);
        }

        var reason = Explain.NoPlan(accurate, cheapest.Solution);
        var mixed = _search.Solve(space, s => new PlanProgram(s, Goal.MostAccurate, swapPenalty: _swapPenalty));
        if (mixed.Draft is { } best)
        {
            var proof = _solver.Proof(mixed.Solution, "accuracy");
            return Assemble(best, burst, proof, [$"{reason}: the most accurate mix.", .. Explain.Flows(best), Explain.Proof(best, proof), .. budgets]);
        }

        var (draft, overload, proven) = Overload.Plan(WaitSearch.IsLarge(space) ? TimeSplit.Of(space).First() : space, _solver);
        if (mixed.Solution.Status == SolveStatus.Limit && draft.Served.All(s => s >= 1) && !WaitSearch.IsLarge(space)
            && _solver.Try(new PlanProgram(space, Goal.MostAccurate, swapPenalty: _swapPenalty), draft) is { Draft: { } improved } found)
        {
            // There was a plan of all demand, only none to start from.
            var proof = _solver.Proof(found.Solution, "accuracy");
            return Assemble(improved, burst, proof, [$"{reason}: the most accurate mix.", .. Explain.Flows(improved), Explain.Proof(improved, proof), .. budgets]);
        }

        return Assemble(
            draft, burst, overload,
            [Explain.NoMix(reason, mixed.Solution, draft), .. Explain.Flows(draft), proven, .. budgets]);
    }

    private Plan Assemble(PlanDraft draft, ImmutableArray<ImmutableArray<double>> burst, PlanProof proof, IEnumerable<string> why)
    {
        var plan = PlanAssembler.Assemble(draft, PlanningPolicies.Unified, proof, why);
        return plan with { PolicyState = new HeadroomState(burst), ProcessingUs = Incumbents.ProcessingUs(_problem, plan) };
    }
}

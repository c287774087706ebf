using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Profiles;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Control;

/// <summary>The one planning step of every control loop: keeps, refreshes or replaces the plan in force.</summary>
/// <remarks>Pure: no clock, no I/O, no memory. The loop says when it is, carries out the decision and hands the state to the next step.</remarks>
/// <param name="policy">Policy that makes plans; null = only pinned plans are used.</param>
public sealed class Planner(IPlanningPolicy? policy)
{
    /// <summary>Time after which a new plan is computed whatever the demand, since the machine or the fan-out may have changed,
    /// microseconds.</summary>
    private const long SteadyUs = 3_000_000;

    /// <summary>Decides whether to keep, refresh or replace the plan in force.</summary>
    /// <param name="state">State after the last step.</param>
    /// <param name="seen">Current observation.</param>
    /// <param name="nowUs">Current time, microseconds on the clock of <see cref="SolveMark.AtUs"/>.</param>
    /// <param name="cancellationToken">Stops the policy.</param>
    public PlanDecision Step(PlannerState state, PlanObservation seen, long nowUs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(seen);
        var problem = seen.Problem with { Previous = seen.IgnoresPrevious ? null : state.Plan };
        var asked = state with { Solved = new SolveMark(nowUs, [.. problem.Devices.Select(d => d.Slots)]) };
        var mustReplace = seen.MustReplace || HasLostSlot(state, problem.Devices);
        if (seen.Forced is { } forced)
            return Pinned(forced, asked, problem, mustReplace);
        if (policy is null)
            throw new InvalidOperationException("Neither a policy nor a pinned plan says what to run.");
        if (!mustReplace && state.Plan is { } steady && IsSteady(state, problem, nowUs))
            return new PlanDecision(PlanAction.Keep, steady, state.Problem ?? problem, policy.ScalesAccuracy, state);

        problem = problem with { Recent = seen.Recent?.Invoke() };
        if (!mustReplace && state is { Plan: { } settled, Settled: { } answered } && ProblemComparison.HaveSameAnswer(answered, problem))
            return new PlanDecision(PlanAction.Keep, settled, state.Problem ?? problem, policy.ScalesAccuracy, state);

        var candidate = policy.Plan(problem, cancellationToken);
        if (mustReplace || state.Plan is not { } current || PlanChange.ShouldReplace(current, candidate, problem))
            return Applied(candidate, asked, problem, policy.ScalesAccuracy);

        // The slots stay; what the policy learnt is kept.
        var kept = current with { PolicyState = candidate.PolicyState };
        var isSettled = candidate.Proof.Status != PlanSolver.TimeRanOut && candidate.PolicyState?.IsTuned != true && candidate.PolicyState == current.PolicyState && PlanChange.SameSlots(candidate, current);
        return new PlanDecision(PlanAction.Refresh, kept, problem, policy.ScalesAccuracy, asked with { Plan = kept, Settled = isSettled ? problem : null });
    }

    /// <summary>Tests whether a slot that the plan in force was made with has died. Loops check this between two periods: the slot is
    /// replaced at the next look wherever another one is free.</summary>
    /// <param name="state">State after the last step.</param>
    /// <param name="devices">Device types with the slots that are alive.</param>
    public static bool HasLostSlot(PlannerState state, ImmutableArray<DeviceType> devices)
    {
        ArgumentNullException.ThrowIfNull(state);
        var known = state.Solved?.Slots ?? state.Problem?.Devices.Select(d => d.Slots).ToImmutableArray() ?? [];
        return known.Length == devices.Length && devices.Where((d, i) => d.Slots < known[i]).Any();
    }

    /// <summary>True while demand and slots are as planned and the plan still carries the demand, so that a new plan would gain
    /// nothing.</summary>
    private static bool IsSteady(PlannerState state, PlanningProblem problem, long nowUs)
    {
        var plan = state.Plan!;
        if (plan.PolicyState?.IsTuned == true || plan.ServedShare.Any(s => s < 1))
            return false;
        // Two instances' clocks may differ: a mark from the future says nothing.
        if (state.Solved is not { } solved || nowUs < solved.AtUs || nowUs - solved.AtUs >= SteadyUs)
            return false;
        // Slots that failed take part of the plan with them; those that came back may make a better one.
        if (!problem.Devices.Select(d => d.Slots).SequenceEqual(solved.Slots))
            return false;
        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            if (!ProblemComparison.IsSteady(problem.Pipelines[p].DemandQps, plan.DemandQps[p]))
                return false;
        }

        return RoutedOutcome.Of(plan, problem).Fits;
    }

    private static PlanDecision Pinned(Plan forced, PlannerState asked, PlanningProblem problem, bool mustReplace)
    {
        if (mustReplace || asked is not { Plan: { } plan, Problem: { } pinned } || !plan.Slots.SequenceEqual(forced.Slots))
            return Applied(forced, asked, problem, scalesAccuracy: false);
        // Its demand and routes stay; what batches take is the machine's to say.
        return new PlanDecision(PlanAction.Refresh, plan, pinned with { Profile = problem.Profile, Headroom = problem.Headroom }, ScalesAccuracy: false, asked);
    }

    private static PlanDecision Applied(Plan plan, PlannerState asked, PlanningProblem problem, bool scalesAccuracy)
    {
        plan = plan with { Version = (asked.Plan?.Version ?? 0) + 1 };
        return new PlanDecision(PlanAction.Apply, plan, problem, scalesAccuracy, asked with { Plan = plan, Problem = problem, Settled = null });
    }
}

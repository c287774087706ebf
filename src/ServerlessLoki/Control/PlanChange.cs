using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Control;

/// <summary>Test whether a new plan is worth applying. Each swap costs the loading and warming of a model.</summary>
internal static class PlanChange
{
    /// <summary>Accuracy difference that is not worth a swap, 0..1: half a percentage point.</summary>
    public const double DefaultEpsilon = 0.005;

    /// <summary>Tests whether a candidate replaces the current plan: true unless the current plan can go on. It can if it serves the new
    /// demand within its capacity and the latency rule, is no less accurate than the candidate by more than <paramref name="epsilon"/>,
    /// serves no less and costs no more, and the policy does not reject it. A plan that was tuned replaces the current one whenever it differs.</summary>
    /// <param name="current">The plan in force; null = none.</param>
    /// <param name="candidate">A plan for <paramref name="problem"/>.</param>
    /// <param name="problem">The problem now.</param>
    /// <param name="epsilon">Accuracy difference that does not matter, 0..1.</param>
    public static bool ShouldReplace(Plan? current, Plan candidate, PlanningProblem problem, double epsilon = DefaultEpsilon)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(problem);
        if (current is null || current.Policy != candidate.Policy || current.ServedShare.Length != problem.Pipelines.Length)
            return true;
        // A tuner waits by its own rule before it lets replicas go, and what it goes on from travels with its plans.
        if (candidate.PolicyState?.IsTuned == true)
            return candidate.PolicyState != current.PolicyState || !SameSlots(current, candidate) || !SameShares(current, candidate);
        if (SameSlots(current, candidate))
            return !SameShares(current, candidate);
        if (candidate.PolicyState?.RejectsPrevious == true)
            return true;
        if (candidate.ServedShare.Where((s, i) => s > current.ServedShare[i] + epsilon).Any() || current.ServedShare.Any(s => s < 1))
            return true;
        if (!problem.Options.FillLeftover && (candidate.SlotsTaken < current.SlotsTaken || candidate.CostPerHour < current.CostPerHour * (1 - epsilon)))
            return true;
        // What slots that hold several variants answer follows from their number: routes do not show it, and their policy waits by its own rule.
        if (candidate.Slots.Any(s => s.Resident is not null))
            return true;
        // A policy that looks further ahead than the forecast knows better.
        problem = problem with { Pipelines = [.. problem.Pipelines.Select((p, i) => p with { DemandQps = candidate.DemandQps[i] })] };
        var carried = RoutedOutcome.Of(current, problem, candidate.PolicyState?.HeadroomRows);
        return !carried.Fits || carried.Accuracy < candidate.Accuracy - epsilon;
    }

    /// <summary>True when both plans run the same variants with the same batches equally often.</summary>
    public static bool SameSlots(Plan a, Plan b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return a.RunsSlotsOf(b);
    }

    // The same slots with another demand still want other routes, once the demand has really moved.
    private static bool SameShares(Plan current, Plan candidate)
    {
        const double Drift = 0.02;
        for (var i = 0; i < current.DemandQps.Length; i++)
        {
            if (Math.Abs(current.ServedShare[i] - candidate.ServedShare[i]) > 1e-3
                || Math.Abs(current.DemandQps[i] - candidate.DemandQps[i]) > Drift * Math.Max(1, current.DemandQps[i]))
            {
                return false;
            }
        }

        return true;
    }
}

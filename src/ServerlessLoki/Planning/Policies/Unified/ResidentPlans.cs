using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Planning.Modelling;
using ServerlessLoki.Planning.Policies.SlackFit;

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Plans whose slots hold several variants, where device types have memory for that: the plan sets how many slots each task has and what they
/// hold, and each batch runs what the slack of its head allows (<see cref="ResidentRule.SlackFit"/>).</summary>
/// <remarks>Bursts cost such a plan accuracy for a moment, no answers, and no slots that stand by for them. So it may have just the slots with which the
/// rates of the last seconds, bursts included, are answered by the best variants.</remarks>
internal static class ResidentPlans
{
    /// <summary>What the plans are called.</summary>
    public const string Name = "resident variants";

    /// <summary>Standard deviations of batch times that a batch leaves before the deadline of its head.</summary>
    private const double Deviations = 2;

    /// <summary>Largest spread of batch times that is noise; a wider one is a machine that others use.</summary>
    private const double MostSpread = 0.25;

    private const double MarginStep = 0.1;

    /// <summary>Rise of all rates that the number of slots allows for: it falls only when this rise would still be served, so that it does not go up and
    /// down with each tremble of the load.</summary>
    private const double Steadiness = 1.05;

    /// <summary>Lists the plans, the cheapest first; none where no slot may hold several variants.</summary>
    /// <param name="problem">Problem to plan for.</param>
    /// <param name="tolerance">Accuracy that a slot more must win, 0..1.</param>
    public static IEnumerable<Plan> Of(PlanningProblem problem, double tolerance)
    {
        if (problem.Cores is not null || problem.Options.Objective is not null || !problem.Devices.Any(d => d is { Slots: > 0, MemoryMiB: not null }))
            yield break;
        var tasks = IndependentTasks.Of(problem with { Previous = null });
        var all = ResidentSlots.All(tasks.Families);
        if (!all.HoldsSeveral)
            yield break;
        if (!problem.Options.FillLeftover && Few(problem, tasks, tolerance) is { } few && few.Sum(g => g.SlotsTaken) < all.Count)
            yield return Assemble(problem, few);
        yield return Assemble(problem, tasks.Join(Groups(all)));
    }

    /// <summary>Whether more queries than may miss their deadline came faster lately than a plan carries.</summary>
    public static bool IsOverrun(PlanningProblem problem, Plan plan, double missedShare) => ResidentRates.Of(problem).Overrun(problem, plan) > missedShare;

    private static List<SlotGroup> Few(PlanningProblem problem, IndependentTasks tasks, double tolerance)
    {
        var rates = ResidentRates.Of(problem);
        var least = Fewest(1);
        var steady = Fewest(Steadiness);
        var taken = problem.Previous is { } plan && plan.Slots.All(g => g.Resident is not null) && !plan.Slots.IsEmpty ? plan : null;
        // The plan before stays as long as it has what is needed and not more than a small rise would need.
        return taken is not null && HasTheSlotsOf(taken, Joined(least), atLeast: true) && HasTheSlotsOf(taken, Joined(steady), atLeast: false)
            ? [.. Joined(steady).Select(g => g with { Replicas = Replicas(taken.Slots, g) })]
            : Joined(steady);

        List<SlotGroup> Fewest(double factor) => [.. Groups(ResidentSlots.Fewest(
            tasks.Families, [.. tasks.Families.Pipelines.Select((f, i) => RatesOf(problem, rates, f, tasks.PipelineOf(i), factor))], tolerance))];

        List<SlotGroup> Joined(List<SlotGroup> groups) => [.. tasks.Join(groups)];
    }

    // Rows of a task come as its pipeline's queries do.
    private static List<(double Qps, double Share)> RatesOf(PlanningProblem problem, ResidentRates rates, PipelineDemand family, int pipeline, double factor)
    {
        var demand = problem.Pipelines[pipeline].DemandQps;
        var rows = demand > 0 ? family.DemandQps / demand : 1;
        return [.. rates[pipeline].Select(r => (r.Qps * rows * factor, r.Share))];
    }

    private static bool HasTheSlotsOf(Plan plan, List<SlotGroup> groups, bool atLeast) =>
        plan.Slots.Length == groups.Count && groups.TrueForAll(g => Replicas(plan.Slots, g) is > 0 and var has && (atLeast ? has >= g.Replicas : has <= g.Replicas));

    private static int Replicas(IEnumerable<SlotGroup> slots, SlotGroup like) =>
        slots.Where(s => s.Device == like.Device && SlotContent.Of(s) == SlotContent.Of(like)).Sum(s => s.Replicas);

    private static IEnumerable<SlotGroup> Groups(ResidentSlots slots) => slots.Groups(ResidentRule.SlackFit, new SlackFitOptions().Buckets);

    private static Plan Assemble(PlanningProblem problem, IEnumerable<SlotGroup> groups)
    {
        // In steps: a spread that is measured anew moves a little each time, and that makes no other plan.
        var margin = 1 + (Math.Round(Deviations * Math.Min(MostSpread, problem.ServiceSpread ?? 0) / MarginStep) * MarginStep);
        groups = groups.Select(g => g with { Resident = g.Resident! with { Margin = margin } });
        return PlacedPlan.Assemble(
            problem, groups, PlanningPolicies.Unified, new PlanProof(0, 1, "heuristic", 0, "heuristic"),
            ["Slots hold several variants, and each batch runs the one that its slack allows."]);
    }
}

namespace ServerlessLoki.Planning.Policies.Unified;

/// <summary>Plan in force as a candidate: a plan of this policy that serves all demand, on slots that are still there.</summary>
internal static class PlanInForce
{
    /// <summary>Returns the plan in force if it may be kept instead of another plan.</summary>
    /// <param name="problem">Problem to plan for.</param>
    /// <param name="other">Plan that would replace it.</param>
    /// <returns>Null where the other plan replaces it anyway or runs the same slots.</returns>
    public static Plan? Beside(PlanningProblem problem, Plan other) => problem.Previous is { Policy: PlanningPolicies.Unified } plan && plan.ServedShare.Length == problem.Pipelines.Length
            && plan.ServedShare.All(s => s >= 1) && other.ServedShare.All(s => s >= 1)
            && other.SlotsTaken >= plan.SlotsTaken && !other.RunsSlotsOf(plan) && plan.Slots.All(s => IsProfiled(problem, s))
            && plan.Slots.GroupBy(s => s.Device).All(d => d.Sum(s => s.SlotsTaken) <= problem.Devices[d.Key].Slots)
            ? plan : null;

    private static bool IsProfiled(PlanningProblem problem, SlotGroup slot) =>
        slot.Device < problem.Devices.Length && problem.Pipelines[slot.Pipeline].Pipeline.Tasks is var tasks && slot.Task < tasks.Length
        && slot.Variant < tasks[slot.Task].Variants.Length
        && problem.Profile.Find(tasks[slot.Task].Variants[slot.Variant].Name, problem.Devices[slot.Device].Name) is not null;
}

using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Builds the plan of a policy that decides slots only; flows, loads and figures follow from the slots.</summary>
internal static class PlacedPlan
{
    /// <summary>Builds the plan.</summary>
    /// <param name="problem">Problem that the slots answer.</param>
    /// <param name="groups">Slots; their capacities, loads and latencies are recomputed.</param>
    /// <param name="policy">Name of the policy.</param>
    /// <param name="proof">Proof of the plan, see <see cref="PlanProof"/>.</param>
    /// <param name="why">Sentences of the policy; sentences about the variants that run are added.</param>
    public static Plan Assemble(PlanningProblem problem, IEnumerable<SlotGroup> groups, string policy, PlanProof proof, IEnumerable<string> why)
    {
        var placed = groups.Select(g => AsProfiled(problem, g)).ToList();
        if (problem.Options.FillLeftover)
            LeftoverSlots.Fill(problem, placed);
        var flows = problem.Pipelines.Select((_, p) => new PlacedFlows(problem, p, placed)).ToArray();
        var slots = placed.Select(g => g with { LoadQps = flows[g.Pipeline].LoadShare(g.Task, g.Variant) * g.CapacityQps })
            .OrderBy(g => g.Pipeline).ThenBy(g => g.Task).ThenByDescending(g => Accuracy(problem, g)).ThenBy(g => g.Variant).ThenBy(g => g.Device).ToList();
        var weights = PipelineWeights.Of(problem);
        var served = flows.Select((f, p) => f.Served * weights[p]).Sum();
        return new Plan
        {
            Version = (problem.Previous?.Version ?? 0) + 1,
            Policy = policy,
            Slots = [.. slots],
            Flows = [.. flows.SelectMany(f => f.Flows)],
            ServedShare = [.. flows.Select(f => f.Served)],
            Accuracy = served > 0 ? flows.Select((f, p) => f.Served * weights[p] * f.Accuracy).Sum() / served : 0,
            CostPerHour = slots.Sum(g => g.SlotsTaken * problem.Devices[g.Device].PricePerHour),
            DemandQps = [.. problem.Pipelines.Select(p => p.DemandQps)],
            PredictedP99Us = [.. flows.Select((f, p) => SlowestUs(f, slots.FindAll(s => s.Pipeline == p)))],
            Proof = proof,
            Why = [.. why, .. problem.Pipelines.Select((p, i) => Runs(problem, i, flows[i].Served, slots)), .. Explain.Joins(problem)],
        };
    }

    // Slots of an earlier plan may be slower or faster by now.
    private static SlotGroup AsProfiled(PlanningProblem problem, SlotGroup group)
    {
        var device = problem.Devices[group.Device];
        var latency = problem.Profile.Find(problem.Pipelines[group.Pipeline].Pipeline.Tasks[group.Task].Variants[group.Variant].Name, device.Name)!;
        return group with
        {
            CapacityQps = group.Replicas * device.SlotShare * latency.ThroughputQps(group.Batch),
            LatencyUs = latency.LatencyUs(group.Batch),
        };
    }

    private static string Runs(PlanningProblem problem, int pipeline, double served, List<SlotGroup> slots)
    {
        var graph = problem.Pipelines[pipeline].Pipeline;
        var runs = slots.Where(s => s.Pipeline == pipeline).Select(s =>
            $"{Held(graph.Tasks[s.Task], s)} on {Explain.Count(s.Replicas, "slot")} of {problem.Devices[s.Device].Name} (batch {s.Batch}, {s.LoadQps:0.#} q/s)").ToList();
        return runs.Count > 0
            ? $"{graph.Name}: {100 * served:0.#} % served by {string.Join(", ", runs)}."
            : $"{graph.Name} has no slot; all of it is shed.";
    }

    private static string Held(PipelineTask task, SlotGroup group) => group.Resident is { } set
        ? string.Join(" or ", set.Variants.OrderByDescending(v => task.Variants[v].Accuracy).Select(v => task.Variants[v].Name))
        : task.Variants[group.Variant].Name;

    private static double Accuracy(PlanningProblem problem, SlotGroup group) =>
        problem.Pipelines[group.Pipeline].Pipeline.Tasks[group.Task].Variants[group.Variant].Accuracy;

    private static double SlowestUs(PlacedFlows flows, List<SlotGroup> slots) => flows.Flows
        .Select(f => f.Steps.Sum(s => slots.Where(g => g.Task == s.Task && g.Variant == s.Variant).Max(g => g.ResponseUs)))
        .DefaultIfEmpty(0).Max();
}

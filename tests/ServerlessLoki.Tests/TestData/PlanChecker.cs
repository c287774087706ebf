using ServerlessLoki.Planning;

namespace ServerlessLoki.Tests.TestData;

/// <summary>Checks a plan against its problem from first principles, without the planner's own model.</summary>
internal static class PlanChecker
{
    private const double Tolerance = 1e-5;

    /// <summary>Everything that is wrong with the plan.</summary>
    public static List<string> Faults(PlanningProblem problem, Plan plan)
    {
        var faults = new List<string>();
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            var used = plan.Slots.Where(s => s.Device == d).Sum(s => s.SlotsTaken);
            if (used > problem.Devices[d].Slots)
                faults.Add($"{used} slots used of {problem.Devices[d].Slots} on {problem.Devices[d].Name}");
        }

        foreach (var group in plan.Slots)
            CheckGroup(problem, group, faults);
        for (var p = 0; p < problem.Pipelines.Length; p++)
            CheckPipeline(problem, plan, p, faults);
        return faults;
    }

    private static void CheckGroup(PlanningProblem problem, SlotGroup group, List<string> faults)
    {
        var device = problem.Devices[group.Device];
        var variant = problem.Pipelines[group.Pipeline].Pipeline.Tasks[group.Task].Variants[group.Variant];
        var profile = problem.Profile.Find(variant.Name, device.Name);
        if (profile is null || group.Replicas < 1)
            faults.Add($"{group} cannot run");
        else if (Math.Abs(group.CapacityQps - (group.Replicas * device.SlotShare * profile.ThroughputQps(group.Batch))) > Tolerance * group.CapacityQps)
            faults.Add($"{group}: wrong capacity");
        else if (Math.Abs(group.LatencyUs - profile.LatencyUs(group.Batch)) > Tolerance * group.LatencyUs)
            faults.Add($"{group}: wrong latency");
        if (group.LoadQps > (group.CapacityQps * problem.Options.Utilization) + Tolerance)
            faults.Add($"{group}: overloaded");
    }

    private static void CheckPipeline(PlanningProblem problem, Plan plan, int index, List<string> faults)
    {
        var demand = problem.Pipelines[index];
        var graph = demand.Pipeline;
        var served = demand.DemandQps * plan.ServedShare[index];
        var flows = plan.Flows.Where(f => f.Pipeline == index).ToList();
        var slots = plan.Slots.Where(s => s.Pipeline == index).ToList();
        var load = new Dictionary<(int, int), double>();
        foreach (var leaf in graph.Tasks.Where(t => t.IsLeaf))
        {
            var toLeaf = flows.Where(f => f.Steps[^1].Task == leaf.Index).ToList();
            if (Math.Abs(toLeaf.Sum(f => f.Qps) - served) > Tolerance * Math.Max(1, served))
                faults.Add($"{graph.Name}: {toLeaf.Sum(f => f.Qps)} q/s flow to {leaf.Name}, not {served}");
            foreach (var flow in toLeaf)
                CheckFlow(demand, flow, slots, faults);
        }

        // Flows to different leaves must agree on what they share; then each task's load can be read off any leaf below it.
        foreach (var task in graph.Tasks)
        {
            var leaves = flows.Where(f => f.Steps.Any(s => s.Task == task.Index)).GroupBy(f => f.Steps[^1].Task)
                .Select(g => g.GroupBy(f => Prefix(f, task.Index), StringComparer.Ordinal).ToDictionary(x => x.Key, x => (Qps: x.Sum(f => f.Qps), Flow: x.First()), StringComparer.Ordinal)).ToList();
            foreach (var other in leaves.Skip(1))
            {
                foreach (var key in leaves[0].Keys.Union(other.Keys, StringComparer.Ordinal))
                {
                    if (Math.Abs(leaves[0].GetValueOrDefault(key).Qps - other.GetValueOrDefault(key).Qps) > Tolerance * Math.Max(1, served))
                        faults.Add($"{graph.Name}: branches disagree on {key}");
                }
            }

            foreach (var (_, (qps, flow)) in leaves.FirstOrDefault() ?? [])
            {
                var step = flow.Steps.First(s => s.Task == task.Index);
                load[(step.Task, step.Variant)] = load.GetValueOrDefault((step.Task, step.Variant)) + (qps * Factor(problem, demand, flow, task.Index));
            }
        }

        foreach (var ((task, variant), qps) in load)
        {
            var capacity = slots.Where(s => s.Task == task && s.Variant == variant).Sum(s => s.CapacityQps);
            if (qps > (capacity * problem.Options.Utilization) + (Tolerance * Math.Max(1, qps)))
                faults.Add($"{graph.Name}: task {task} variant {variant} gets {qps} q/s, has {capacity}");
        }
    }

    private static void CheckFlow(PipelineDemand demand, PathFlow flow, List<SlotGroup> slots, List<string> faults)
    {
        var graph = demand.Pipeline;
        var latency = 0.0;
        var accuracy = 1.0;
        foreach (var step in flow.Steps)
        {
            var groups = slots.Where(s => s.Task == step.Task && s.Variant == step.Variant).ToList();
            if (groups.Count == 0)
                faults.Add($"{graph.Name}: a path uses {step}, which is not deployed");
            latency += groups.Select(g => g.LatencyUs).DefaultIfEmpty(0).Max();
            accuracy *= groups.FirstOrDefault()?.Resident?.Accuracy ?? graph.Tasks[step.Task].Variants[step.Variant].Accuracy;
        }

        if (latency > graph.SloUs * (1 + Tolerance))
            faults.Add($"{graph.Name}: path {string.Join(',', flow.Steps)} takes {latency} µs");
        if (Math.Abs(accuracy - flow.Accuracy) > Tolerance)
            faults.Add($"{graph.Name}: path accuracy {flow.Accuracy}, not {accuracy}");
    }

    private static double Factor(PlanningProblem problem, PipelineDemand demand, PathFlow flow, int task)
    {
        var factor = 1.0;
        for (var i = 0; flow.Steps[i].Task != task; i++)
        {
            var edge = demand.Pipeline.Edges.Single(e => e.From == flow.Steps[i].Task && e.To == flow.Steps[i + 1].Task);
            factor *= demand.FanOut[edge.Index, flow.Steps[i].Variant] * problem.Options.FanOutHeadroom;
        }

        return factor;
    }

    private static string Prefix(PathFlow flow, int task) =>
        string.Join('/', flow.Steps.TakeWhile(s => s.Task != task).Append(flow.Steps.First(s => s.Task == task)).Select(s => $"{s.Task}:{s.Variant}"));
}

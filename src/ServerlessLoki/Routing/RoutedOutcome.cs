using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Routing;

/// <summary>Result of most-accurate-first routing for a plan under a problem that it was not made for.</summary>
/// <param name="Fits">True if every task is deployed, no variant gets more than the planned utilization, and no path breaks the latency
/// rule.</param>
/// <param name="Accuracy">Demand-weighted mean accuracy, 0..1.</param>
internal readonly record struct RoutedOutcome(bool Fits, double Accuracy)
{
    private const double Slack = 1e-6;

    /// <summary>Evaluates the plan's slots with current demand, fan-out and latencies; all demand is to be served.</summary>
    /// <param name="plan">Plan to evaluate.</param>
    /// <param name="problem">Current problem.</param>
    /// <param name="burstRows">Head-room to keep, see <see cref="PolicyState.HeadroomRows"/>; null = the head-room that the plan was made
    /// with.</param>
    public static RoutedOutcome Of(Plan plan, PlanningProblem problem, ImmutableArray<ImmutableArray<double>>? burstRows = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(problem);
        if (Reprofiled(plan, problem) is not { } slots || Overfull(slots, problem))
            return new RoutedOutcome(false, 0);
        if (burstRows is { IsDefaultOrEmpty: false } rows)
            slots = [.. slots.Select(s => Reserved(s, slots, rows))];
        var today = plan with { Slots = slots, ServedShare = [.. problem.Pipelines.Select(_ => 1.0)] };
        var weights = Weights(problem);
        var accuracy = 0.0;
        for (var p = 0; p < problem.Pipelines.Length; p++)
        {
            var demand = problem.Pipelines[p];
            if (demand.Pipeline.Tasks.Any(t => !slots.Any(s => s.Pipeline == p && s.Task == t.Index)))
                return new RoutedOutcome(false, 0);
            var outcome = new RoutingTableBuilder(problem, today, p).Outcome();
            var budgetUs = RoutingTableBuilder.BudgetUs(problem, today, p) * (1 + Slack);
            if (outcome.WorstLoad > problem.Options.Utilization + Slack || outcome.SlowestUs > budgetUs)
                return new RoutedOutcome(false, 0);
            accuracy += weights[p] * Mean(demand, outcome.LeafAccuracy, slots.Where(s => s.Pipeline == p));
        }

        return new RoutedOutcome(true, accuracy);
    }

    // All replicas of a variant share one queue, and so its head-room.
    private static SlotGroup Reserved(SlotGroup slot, ImmutableArray<SlotGroup> slots, ImmutableArray<ImmutableArray<double>> rows)
    {
        if (slot.WaitUs is not { } waitUs)
            return slot;
        var capacity = slots.Where(s => s.Pipeline == slot.Pipeline && s.Task == slot.Task && s.Variant == slot.Variant).Sum(s => s.CapacityQps);
        return slot with { ReserveQps = rows[slot.Pipeline][slot.Task] / waitUs * 1e6 * slot.CapacityQps / capacity };
    }

    // Null when the cluster or a pipeline changed under the plan, or a variant is no longer profiled on its device.
    private static ImmutableArray<SlotGroup>? Reprofiled(Plan plan, PlanningProblem problem)
    {
        var slots = ImmutableArray.CreateBuilder<SlotGroup>();
        foreach (var slot in plan.Slots)
        {
            if (slot.Device >= problem.Devices.Length || slot.Pipeline >= problem.Pipelines.Length
                || slot.Task >= problem.Pipelines[slot.Pipeline].Pipeline.Tasks.Length
                || slot.Variant >= problem.Pipelines[slot.Pipeline].Pipeline.Tasks[slot.Task].Variants.Length)
            {
                return null;
            }

            var device = problem.Devices[slot.Device];
            var name = problem.Pipelines[slot.Pipeline].Pipeline.Tasks[slot.Task].Variants[slot.Variant].Name;
            if (problem.Profile.Find(name, device.Name) is not { } profile)
                return null;
            slots.Add(slot with
            {
                CapacityQps = slot.Replicas * problem.ReplicaQps(name, device, profile, slot.Batch, slot.Cores),
                LatencyUs = profile.LatencyUs(slot.Batch),
            });
        }

        return slots.ToImmutable();
    }

    private static bool Overfull(ImmutableArray<SlotGroup> slots, PlanningProblem problem) =>
        problem.Devices.Where((device, d) => slots.Where(s => s.Device == d).Sum(s => s.SlotsTaken) > device.Slots).Any();

    // A leaf without flow (no demand) counts with the best it could give.
    private static double Mean(PipelineDemand demand, double[] leafAccuracy, IEnumerable<SlotGroup> slots)
    {
        var best = slots.GroupBy(s => s.Task).ToDictionary(g => g.Key, g => g.Max(s => demand.Pipeline.Tasks[s.Task].Variants[s.Variant].Accuracy));
        var weights = LeafWeights.OfTasks(demand);
        return demand.Pipeline.Tasks.Where(t => t.IsLeaf)
            .Sum(t => weights[t.Index] * (double.IsNaN(leafAccuracy[t.Index]) ? BestPath(demand, t.Index, best) : leafAccuracy[t.Index]));
    }

    private static double BestPath(PipelineDemand demand, int task, Dictionary<int, double> best)
    {
        var incoming = demand.Pipeline.Tasks[task].Incoming;
        return best[task] * (incoming.IsEmpty ? 1 : incoming.Average(e => BestPath(demand, e.From, best)));
    }

    private static double[] Weights(PlanningProblem problem)
    {
        var total = problem.Pipelines.Sum(p => p.DemandQps);
        return [.. problem.Pipelines.Select(p => total > 0 ? p.DemandQps / total : 1.0 / problem.Pipelines.Length)];
    }
}

using System.Collections.Immutable;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Distributed.State;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>A worker's part of the plan.</summary>
internal static class LocalSlots
{
    /// <summary>Computes the groups of the places that the worker holds, with their share of load. While there are slots for them, it keeps
    /// the old groups that are still the only ones of their task.</summary>
    /// <param name="planned">Groups of the plan on the worker's device type.</param>
    /// <param name="held">Places held, by variant.</param>
    /// <param name="before">Groups that the worker ran until now.</param>
    /// <param name="slots">Number of slots of the worker.</param>
    /// <param name="isAnotherServed">True if another variant of the group's task is served by plan.</param>
    public static ImmutableArray<SlotGroup> Of(
        IEnumerable<SlotGroup> planned, Dictionary<VariantId, int> held, ImmutableArray<SlotGroup> before, int slots, Func<SlotGroup, bool> isAnotherServed)
    {
        var local = ImmutableArray.CreateBuilder<SlotGroup>();
        var inPlan = new HashSet<VariantId>();
        foreach (var groups in planned.GroupBy(SharedRoutes.IdOf).OrderBy(g => (g.Key.Pipeline, g.Key.Task, g.Key.Variant)))
        {
            inPlan.Add(groups.Key);
            if (!held.TryGetValue(groups.Key, out var replicas))
                continue;
            var share = (double)replicas / groups.Sum(g => g.Replicas);
            local.Add(groups.First() with
            {
                Device = 0, Replicas = replicas, CapacityQps = groups.Sum(g => g.CapacityQps) * share, LoadQps = groups.Sum(g => g.LoadQps) * share,
            });
        }

        var free = slots - local.Sum(g => g.Replicas);
        foreach (var old in before.Where(o => !inPlan.Contains(SharedRoutes.IdOf(o)) && !local.Any(l => l.Pipeline == o.Pipeline && l.Task == o.Task)))
        {
            var replicas = Math.Min(free, old.Replicas);
            if (replicas < 1 || isAnotherServed(old))
                continue;
            local.Add(old with { Replicas = replicas });
            free -= replicas;
        }

        return local.ToImmutable();
    }
}

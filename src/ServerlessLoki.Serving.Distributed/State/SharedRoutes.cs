using System.Collections.Immutable;
using ServerlessLoki.Planning;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Groups of a plan that can be routed to while workers change over to it.</summary>
internal static class SharedRoutes
{
    /// <summary>Lists, for each task, the plan's groups that workers serve; while there are none, those of the plan before; else the plan's
    /// own: messages then wait for a worker that starts later.</summary>
    public static ImmutableArray<SlotGroup> Of(PublishedPlan plan, PublishedPlan? before, IReadOnlySet<VariantId> served)
    {
        var groups = ImmutableArray.CreateBuilder<SlotGroup>();
        for (var p = 0; p < plan.Problem.Pipelines.Length; p++)
        {
            foreach (var task in plan.Problem.Pipelines[p].Pipeline.Tasks)
            {
                var planned = Groups(plan.Document.Plan, p, task.Index);
                var ready = planned.Where(g => served.Contains(IdOf(g))).ToList();
                if (ready.Count == 0 && before is not null)
                    ready = [.. Groups(before.Document.Plan, p, task.Index).Where(g => served.Contains(IdOf(g))).Select(g => Moved(g, before, plan)).OfType<SlotGroup>()];
                groups.AddRange(ready.Count == 0 ? planned : ready);
            }
        }

        return groups.ToImmutable();
    }

    public static VariantId IdOf(SlotGroup group) => new(group.Pipeline, group.Task, group.Variant);

    private static List<SlotGroup> Groups(Plan plan, int pipeline, int task) => [.. plan.Slots.Where(s => s.Pipeline == pipeline && s.Task == task)];

    /// <summary>Translates a group to the other plan's device index; null where that plan has no such device.</summary>
    private static SlotGroup? Moved(SlotGroup group, PublishedPlan from, PublishedPlan to)
    {
        var name = from.Document.Devices[group.Device].Name;
        for (var d = 0; d < to.Document.Devices.Length; d++)
        {
            if (to.Document.Devices[d].Name == name)
                return group with { Device = d };
        }

        return null;
    }
}

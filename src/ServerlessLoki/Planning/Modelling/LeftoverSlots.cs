namespace ServerlessLoki.Planning.Modelling;

/// <summary>Gives slots that a plan leaves over to its busiest groups (<see cref="PlanningOptions.FillLeftover"/>).</summary>
internal static class LeftoverSlots
{
    /// <summary>Adds replicas in place while any group fits into the free slots of its device.</summary>
    public static void Fill(PlanningProblem problem, List<SlotGroup> groups)
    {
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            var free = problem.Devices[d].Slots - groups.Where(g => g.Device == d).Sum(g => g.SlotsTaken);
            while (free > 0)
            {
                var busiest = -1;
                for (var i = 0; i < groups.Count; i++)
                {
                    if (groups[i].Device == d && (groups[i].Cores ?? 1) <= free && (busiest < 0 || Busy(groups[i]) > Busy(groups[busiest])))
                        busiest = i;
                }

                if (busiest < 0)
                    break;
                var group = groups[busiest];
                free -= group.Cores ?? 1;
                groups[busiest] = group with { Replicas = group.Replicas + 1, CapacityQps = group.CapacityQps / group.Replicas * (group.Replicas + 1) };
            }
        }
    }

    private static double Busy(SlotGroup group) => group.LoadQps / group.CapacityQps;
}

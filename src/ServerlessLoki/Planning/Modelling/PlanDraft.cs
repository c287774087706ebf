namespace ServerlessLoki.Planning.Modelling;

/// <summary>Decisions read from a solution, on the way to a <see cref="Plan"/>.</summary>
/// <param name="Space">Space that the plan was chosen from.</param>
/// <param name="Slots">Variant, latency level, device and replicas of each choice.</param>
/// <param name="Flow">[prefix] share of root queries.</param>
/// <param name="Served">[pipeline] served share.</param>
internal sealed record PlanDraft(
    PlanningSpace Space, List<(Candidate Candidate, int Level, int Device, int Replicas)> Slots, double[] Flow, double[] Served)
{
    /// <summary>Computes the load planned for a variant, rows per second.</summary>
    public double LoadQps(Candidate candidate)
    {
        var pipeline = Space.Pipelines[candidate.Pipeline];
        var rows = 0.0;
        foreach (var prefix in pipeline.Prefixes[candidate.Task])
        {
            if (prefix.Last.Id == candidate.Id)
                rows += Flow[prefix.Id] * prefix.Factor;
        }

        return rows * pipeline.Demand.DemandQps;
    }

    /// <summary>Removes slots that the flows do not need; the accuracy objective places spare ones anywhere.</summary>
    public void Trim()
    {
        foreach (var group in Slots.GroupBy(s => s.Candidate.Id).ToList())
        {
            var candidate = group.First().Candidate;
            var spare = group.Sum(Capacity) - ((candidate.Levels[group.First().Level].ReserveQps + LoadQps(candidate)) / Space.Problem.Options.Utilization * (1 + 1e-9));
            var replicas = group.Sum(s => s.Replicas);
            foreach (var slot in group.OrderByDescending(s => Space.Problem.Devices[s.Device].PricePerHour).ThenBy(s => s.Candidate.Levels[s.Level].SlotQps[s.Device]))
            {
                var one = slot.Candidate.Levels[slot.Level].SlotQps[slot.Device];
                var drop = Math.Min(Math.Min(slot.Replicas, replicas - slot.Candidate.Levels[slot.Level].LeastReplicas), (int)Math.Floor(Math.Max(0, spare) / one));
                if (drop <= 0)
                    continue;
                spare -= drop * one;
                replicas -= drop;
                Replace(slot, slot.Replicas - drop);
            }
        }
    }

    /// <summary>Gives free slots to the variants with the highest load per capacity that run on the device.</summary>
    public void Fill()
    {
        for (var d = 0; d < Space.Problem.Devices.Length; d++)
        {
            var free = Space.Problem.Devices[d].Slots - Slots.Where(s => s.Device == d).Sum(s => s.Replicas * s.Candidate.SlotsEach);
            while (Slots.Exists(s => s.Device == d && s.Candidate.SlotsEach <= free))
            {
                var busiest = Slots.Where(s => s.Device == d && s.Candidate.SlotsEach <= free).OrderByDescending(s => Busy(s.Candidate))
                    .ThenBy(s => s.Replicas).ThenBy(s => s.Candidate.Id).First();
                free -= busiest.Candidate.SlotsEach;
                Replace(busiest, busiest.Replicas + 1);
            }
        }
    }

    private double Busy(Candidate candidate) => LoadQps(candidate) / Slots.Where(s => s.Candidate.Id == candidate.Id).Sum(Capacity);

    private static double Capacity((Candidate Candidate, int Level, int Device, int Replicas) slot) =>
        slot.Replicas * slot.Candidate.Levels[slot.Level].SlotQps[slot.Device];

    private void Replace((Candidate Candidate, int Level, int Device, int Replicas) slot, int replicas)
    {
        var at = Slots.IndexOf(slot);
        if (replicas == 0)
            Slots.RemoveAt(at);
        else
            Slots[at] = slot with { Replicas = replicas };
    }
}

namespace ServerlessLoki.Planning.Policies.InfAdapter;

/// <summary>A variant of one pipeline as InfAdapter sees it.</summary>
/// <param name="Index">Variant index.</param>
/// <param name="Name">Variant name.</param>
/// <param name="Accuracy">a(m), 0..1.</param>
/// <param name="CapacityQps">c(n) by slots of the device, from 0.</param>
/// <param name="MinCores">Least slots when used.</param>
/// <param name="LoadCost">t(m) / max t, 0..1.</param>
/// <param name="PreviousCores">n′(m): slots in the plan in force.</param>
/// <param name="Resizes">True = one container of n cores; false = n replicas of one slot.</param>
internal sealed record InfAdapterVariant(
    int Index, string Name, double Accuracy, double[] CapacityQps, int MinCores, double LoadCost, int PreviousCores, bool Resizes)
{
    /// <summary>Part of LC that using <paramref name="cores"/> costs: a container that appears or changes its size is reloaded.</summary>
    public double Loading(int cores) => cores == 0 || cores == PreviousCores ? 0 : LoadCost;

    /// <summary>Lists a pipeline's variants on a device, most accurate first; variants that are too slow or not profiled are left
    /// out.</summary>
    public static InfAdapterVariant[] Of(PlanningProblem problem, int pipeline, int device)
    {
        var graph = problem.Pipelines[pipeline].Pipeline;
        var kind = problem.Devices[device];
        var variants = graph.Root.Variants.Where(v => problem.Profile.Find(v.Name, kind.Name) is not null).ToList();
        var slowest = variants.Select(v => LoadSeconds(problem, v.Name)).DefaultIfEmpty(1).Max();
        return [.. variants.Select(Variant).OfType<InfAdapterVariant>().OrderByDescending(v => v.Accuracy).ThenBy(v => v.Index)];

        InfAdapterVariant? Variant(Pipelines.Variant v)
        {
            var latency = problem.Profile.Find(v.Name, kind.Name)!;
            var running = problem.Previous?.Slots.Where(s => s.Pipeline == pipeline && s.Variant == v.Index && s.Device == device).Sum(s => s.SlotsTaken) ?? 0;
            var load = LoadSeconds(problem, v.Name) / slowest;
            var capacity = new double[kind.Slots + 1];
            if (problem.Cores?.CapacityQps.TryGetValue(v.Name, out var table) == true)
            {
                // The objective is inside the table (InfAdapter, fitted capacity).
                for (var n = 1; n < capacity.Length; n++)
                    capacity[n] = n < table.Length ? table[n] * problem.Options.Utilization : 0;
                return new InfAdapterVariant(v.Index, v.Name, v.Accuracy, capacity, problem.Cores.MinCores, load, running, Resizes: true);
            }

            if (latency.LatencyUs(1) > graph.SloUs * problem.Options.ProcessingShare)
                return null;
            for (var n = 1; n < capacity.Length; n++)
                capacity[n] = n * kind.SlotShare * latency.ThroughputQps(1) * problem.Options.Utilization;
            return new InfAdapterVariant(v.Index, v.Name, v.Accuracy, capacity, 1, load, running, Resizes: false);
        }
    }

    private static double LoadSeconds(PlanningProblem problem, string variant) =>
        problem.Cores?.LoadTime.TryGetValue(variant, out var time) == true ? time.TotalSeconds : 1;
}

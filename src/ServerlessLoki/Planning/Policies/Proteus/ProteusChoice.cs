namespace ServerlessLoki.Planning.Policies.Proteus;

/// <summary>Variant on a device kind: column pair n(j, k), f(j, k) of Proteus' resource allocation program.</summary>
/// <param name="Pipeline">Family: pipeline index.</param>
/// <param name="Variant">Variant index.</param>
/// <param name="Device">Device index.</param>
/// <param name="Batch">maxBatch(v, k), rows.</param>
/// <param name="SlotQps">cap(v, k): rows per second of one slot, its share of the device included; above 0.</param>
/// <param name="LatencyUs">Time of one full batch, microseconds.</param>
/// <param name="Accuracy">A(j), 0..1.</param>
/// <param name="Running">True if the plan in force runs it.</param>
internal sealed record ProteusChoice(
    int Pipeline, int Variant, int Device, int Batch, double SlotQps, double LatencyUs, double Accuracy, bool Running)
{
    /// <summary>Computes cap(v, k) of every variant on every device kind where it can run (Proteus, profiles), without dominated
    /// ones.</summary>
    public static List<ProteusChoice> Of(PlanningProblem problem, ProteusOptions options)
    {
        var all =
            from pipeline in Enumerable.Range(0, problem.Pipelines.Length)
            from variant in problem.Pipelines[pipeline].Pipeline.Root.Variants
            from device in Enumerable.Range(0, problem.Devices.Length)
            let choice = Of(problem, options, pipeline, variant.Index, device)
            where choice is not null
            select choice;
        return [.. all.GroupBy(c => (c.Pipeline, c.Device)).SelectMany(WithoutDominated)];
    }

    /// <summary>Makes the choice of one variant on one device kind; null where no batch is fast enough.</summary>
    internal static ProteusChoice? Of(PlanningProblem problem, ProteusOptions options, int pipeline, int variant, int device)
    {
        var graph = problem.Pipelines[pipeline].Pipeline;
        var (model, kind) = (graph.Root.Variants[variant], problem.Devices[device]);
        if (kind.Slots == 0 || problem.Profile.Find(model.Name, kind.Name) is not { } profile)
            return null;
        var batch = 0;
        foreach (var b in profile.Batches)
        {
            if (b <= (problem.Options.MaxBatch ?? int.MaxValue) && profile.LatencyUs(b) < graph.SloUs * problem.Options.ProcessingShare)
                batch = b;
        }

        if (batch == 0)
            return null;
        var qps = profile.ThroughputQps(batch) * kind.SlotShare;
        if (options.WholeQps)
            qps = Math.Floor(qps);
        var running = problem.Previous?.Slots.Any(s => s.Pipeline == pipeline && s.Variant == variant && s.Device == device) == true;
        return qps > 0
            ? new ProteusChoice(pipeline, variant, device, batch, qps, profile.LatencyUs(batch), model.Accuracy, running)
            : null;
    }

    /// <summary>Makes a group of so many slots with this choice; its load is not set.</summary>
    public SlotGroup Group(int replicas) => new(Pipeline, 0, Variant, Device, Batch, replicas, replicas * SlotQps, 0, LatencyUs);

    // On one device kind a variant that is neither faster nor more accurate than another never pays; among equals the one
    // that runs already needs no swap.
    private static IEnumerable<ProteusChoice> WithoutDominated(IEnumerable<ProteusChoice> choices)
    {
        var fastest = 0.0;
        foreach (var choice in choices.OrderByDescending(c => c.Accuracy).ThenByDescending(c => c.SlotQps).ThenByDescending(c => c.Running))
        {
            if (choice.SlotQps <= fastest)
                continue;
            fastest = choice.SlotQps;
            yield return choice;
        }
    }
}

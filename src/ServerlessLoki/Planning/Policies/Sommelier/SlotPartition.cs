using ServerlessLoki.Planning.Policies.Proteus;

namespace ServerlessLoki.Planning.Policies.Sommelier;

/// <summary>Permanent partition of the slots among families: [family][device] slots.</summary>
internal sealed class SlotPartition
{
    private readonly PlanningProblem _problem;
    private readonly int[][] _slots;

    // [family][device] rows per second of a slot with the fastest variant; 0 = the family cannot use it.
    private readonly double[][] _fastestQps;

    private SlotPartition(PlanningProblem problem, int[][] slots)
    {
        _problem = problem;
        _slots = slots;
        _fastestQps =
        [
            .. problem.Pipelines.Select((_, f) => problem.Devices.Select((_, d) => Choices(f, d, new ProteusOptions()).Select(c => c.SlotQps).DefaultIfEmpty(0).Max()).ToArray()),
        ];
    }

    /// <summary>Reads the partition of the plan in force; null when another policy made the plan, or the partition no longer fits the
    /// cluster.</summary>
    public static SlotPartition? Kept(PlanningProblem problem, string policy)
    {
        if (problem.Previous is not { } plan || plan.Policy != policy || plan.ServedShare.Length != problem.Pipelines.Length
            || plan.Slots.Any(s => s.Device >= problem.Devices.Length || s.Pipeline >= problem.Pipelines.Length))
        {
            return null;
        }

        var kept = new SlotPartition(problem, Count(problem, plan.Slots));
        return problem.Devices.Select((d, i) => kept.Used(i) == d.Slots || kept.Used(i) == 0 && !kept.IsOfUse(i)).All(fits => fits) ? kept : null;
    }

    /// <summary>Makes a partition from a placement; every slot that a family can use is assigned.</summary>
    public static SlotPartition Of(PlanningProblem problem, IEnumerable<SlotGroup> placement)
    {
        var partition = new SlotPartition(problem, Count(problem, placement));
        for (var d = 0; d < problem.Devices.Length; d++)
            partition.GiveAway(d);
        return partition;
    }

    /// <summary>Returns the problem of one family on its slots.</summary>
    public PlanningProblem ProblemOf(int family) => _problem with
    {
        Pipelines = [_problem.Pipelines[family]],
        Devices = [.. _problem.Devices.Select((d, i) => d with { Slots = _slots[family][i] })],
        Options = _problem.Options with { FillLeftover = false },
        Previous = _problem.Previous is { } plan
            ? plan with
            {
                Slots = [.. plan.Slots.Where(s => s.Pipeline == family).Select(s => s with { Pipeline = 0 })],
                ServedShare = [plan.ServedShare.Length > family ? plan.ServedShare[family] : 1],
                DemandQps = [_problem.Pipelines[family].DemandQps],
            }
            : null,
    };

    /// <summary>Completes a family's groups with its slots without traffic: they run its most accurate variant that fits (Proteus, after
    /// the program is solved).</summary>
    public IEnumerable<SlotGroup> Complete(int family, IEnumerable<SlotGroup> groups, ProteusOptions options)
    {
        var own = groups.Select(g => g with { Pipeline = family }).ToList();
        for (var d = 0; d < _problem.Devices.Length; d++)
        {
            var idle = _slots[family][d] - own.Where(g => g.Device == d).Sum(g => g.Replicas);
            if (idle == 0 || Choices(family, d, options).MaxBy(c => c.Accuracy) is not { } best)
                continue;
            var same = own.FindIndex(g => g.Device == d && g.Variant == best.Variant);
            if (same >= 0)
                own[same] = best.Group(own[same].Replicas + idle);
            else
                own.Add(best.Group(idle));
        }

        return own;
    }

    private static int[][] Count(PlanningProblem problem, IEnumerable<SlotGroup> groups)
    {
        var slots = problem.Pipelines.Select(_ => new int[problem.Devices.Length]).ToArray();
        foreach (var group in groups)
            slots[group.Pipeline][group.Device] += group.SlotsTaken;
        return slots;
    }

    // Free slots go to the family with the highest load for what its slots could carry; a family without any comes first.
    private void GiveAway(int device)
    {
        var able = Enumerable.Range(0, _slots.Length).Where(f => _fastestQps[f][device] > 0).ToList();
        for (var free = _problem.Devices[device].Slots - Used(device); free > 0 && able.Count > 0; free--)
            _slots[able.OrderByDescending(f => _slots[f].Sum() == 0).ThenByDescending(Busy).First()][device]++;

        double Busy(int family) => (1e-9 + _problem.Pipelines[family].DemandQps) / (1e-9 + _slots[family].Zip(_fastestQps[family]).Sum(x => x.First * x.Second));
    }

    private bool IsOfUse(int device) => _fastestQps.Any(f => f[device] > 0);

    private int Used(int device) => _slots.Sum(f => f[device]);

    private IEnumerable<ProteusChoice> Choices(int family, int device, ProteusOptions options) =>
        _problem.Pipelines[family].Pipeline.Root.Variants.Select(v => ProteusChoice.Of(_problem, options, family, v.Index, device)).OfType<ProteusChoice>();
}

using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.SlackFit;

/// <summary>Divides slots among tasks: each next slot goes to the task with the most work for the slots that it has, all at the pace of its fastest
/// variant, and so first to those that have none.</summary>
internal sealed class ResidentSlots
{
    private readonly PlanningProblem _problem;
    private readonly ResidentFamily[] _families;
    private readonly double[] _rows;
    private readonly double[] _capacity;
    private readonly int[,] _slots;

    private ResidentSlots(PlanningProblem problem)
    {
        _problem = problem;
        _families = [.. problem.Pipelines.Select((_, f) => new ResidentFamily(problem, f))];
        // A task without demand counts for a little: its first rows find a slot.
        _rows = PipelineWeights.Of(problem);
        _capacity = new double[_families.Length];
        _slots = new int[_families.Length, problem.Devices.Length];
    }

    /// <summary>Slots in use.</summary>
    public int Count => _slots.Cast<int>().Sum();

    /// <summary>Whether the slots of a task hold more than one variant anywhere.</summary>
    public bool HoldsSeveral => _families.Any(f => f.Held.Any(h => h.Length > 1));

    /// <summary>Divides all slots.</summary>
    /// <param name="problem">Pipelines of one task each.</param>
    public static ResidentSlots All(PlanningProblem problem)
    {
        var slots = new ResidentSlots(problem);
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            for (var slot = 0; slot < problem.Devices[d].Slots; slot++)
                slots.GiveSlot(d);
        }

        return slots;
    }

    /// <summary>Gives slots, the cheapest first, until another would make no task's answers better by more than a tolerance.</summary>
    /// <param name="problem">Pipelines of one task each.</param>
    /// <param name="rates">[family] rows per second that come, with the share of the rows that come at each rate.</param>
    /// <param name="tolerance">Accuracy that a slot more must win, 0..1.</param>
    public static ResidentSlots Fewest(PlanningProblem problem, IReadOnlyList<IReadOnlyList<(double Qps, double Share)>> rates, double tolerance)
    {
        var slots = new ResidentSlots(problem);
        // A task without demand keeps a slot for its first rows.
        while (slots.GiveCheapest(f => slots._capacity[f.Index] <= 0 || slots.Answers(f, rates[f.Index]) < slots.Best(f) - tolerance))
        {
        }

        return slots;
    }

    /// <summary>The slots, with what each holds.</summary>
    public IEnumerable<SlotGroup> Groups(ResidentRule rule, int buckets)
    {
        foreach (var family in _families)
        {
            var accuracy = AtDemand(family);
            for (var d = 0; d < _problem.Devices.Length; d++)
            {
                if (_slots[family.Index, d] > 0)
                    yield return family.Group(d, _slots[family.Index, d]) with { Resident = family.Set(d, rule, buckets, accuracy) };
            }
        }
    }

    private void GiveSlot(int device)
    {
        ResidentFamily? neediest = null;
        foreach (var family in _families)
        {
            if (family.SlotQps(device) > 0 && (neediest is null || Need(family) > Need(neediest)))
                neediest = family;
        }

        if (neediest is not null)
            Give(neediest, device);
    }

    private bool GiveCheapest(Func<ResidentFamily, bool> wants)
    {
        foreach (var family in _families.OrderByDescending(Need).Where(wants))
        {
            var free = Enumerable.Range(0, _problem.Devices.Length).Where(d => family.SlotQps(d) > 0 && Taken(d) < _problem.Devices[d].Slots);
            if (free.OrderBy(d => _problem.Devices[d].PricePerHour / family.SlotQps(d)).ThenByDescending(family.SlotQps).Select(d => (int?)d).FirstOrDefault() is not { } device)
                continue;
            Give(family, device);
            return true;
        }

        return false;
    }

    private int Taken(int device) => _families.Sum(f => _slots[f.Index, device]);

    private void Give(ResidentFamily family, int device)
    {
        _slots[family.Index, device]++;
        _capacity[family.Index] += family.SlotQps(device);
    }

    private double Need(ResidentFamily family) => _capacity[family.Index] > 0 ? _rows[family.Index] / _capacity[family.Index] : double.PositiveInfinity;

    private double AtDemand(ResidentFamily family) => Accuracy(family, _problem.Pipelines[family.Index].DemandQps);

    /// <summary>Mean over the rates of the accuracy that rows get; what the fastest variant cannot carry counts as none.</summary>
    private double Answers(ResidentFamily family, IReadOnlyList<(double Qps, double Share)> rates)
    {
        var capacity = _capacity[family.Index] * _problem.Options.Utilization;
        return capacity > 0 ? rates.Sum(r => r.Share * Accuracy(family, r.Qps) * Math.Min(1, capacity / r.Qps)) : 0;
    }

    private double Best(ResidentFamily family) => Accuracy(family, 0);

    /// <summary>Best mean over its slots if the rows came evenly and each device type took them by its capacity.</summary>
    private double Accuracy(ResidentFamily family, double qps)
    {
        var load = qps / _capacity[family.Index] / _problem.Options.Utilization;
        var accuracy = 0.0;
        for (var d = 0; d < _problem.Devices.Length; d++)
        {
            if (_slots[family.Index, d] == 0)
                continue;
            var rowUs = load > 0 ? 1e6 * _problem.Devices[d].SlotShare / (family.SlotQps(d) * load) : double.PositiveInfinity;
            accuracy += _slots[family.Index, d] * family.SlotQps(d) / _capacity[family.Index] * ResidentMix.Accuracy(family.Pairs(d), rowUs);
        }

        return accuracy;
    }
}

using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Planning.Modelling;

namespace ServerlessLoki.Planning.Policies.SlackFit;

/// <summary>Divides all slots among tasks: each next slot goes to the task with the most work for the slots that it has, all at the pace of its fastest
/// variant, and so first to those that have none.</summary>
internal sealed class ResidentSlots
{
    private readonly PlanningProblem _problem;
    private readonly ResidentFamily[] _families;
    private readonly double[] _rows;
    private readonly double[] _capacity;
    private readonly int[,] _slots;

    /// <summary>Divides.</summary>
    /// <param name="problem">Pipelines of one task each.</param>
    public ResidentSlots(PlanningProblem problem)
    {
        _problem = problem;
        _families = [.. problem.Pipelines.Select((_, f) => new ResidentFamily(problem, f))];
        // A task without demand counts for a little: its first rows find a slot.
        _rows = PipelineWeights.Of(problem);
        _capacity = new double[_families.Length];
        _slots = new int[_families.Length, problem.Devices.Length];
        for (var d = 0; d < problem.Devices.Length; d++)
        {
            for (var slot = 0; slot < problem.Devices[d].Slots; slot++)
                GiveSlot(d);
        }
    }

    /// <summary>The slots, with what each holds.</summary>
    public IEnumerable<SlotGroup> Groups(ResidentRule rule, int buckets)
    {
        foreach (var family in _families)
        {
            var accuracy = Accuracy(family);
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

        if (neediest is null)
            return;
        _slots[neediest.Index, device]++;
        _capacity[neediest.Index] += neediest.SlotQps(device);
    }

    private double Need(ResidentFamily family) => _capacity[family.Index] > 0 ? _rows[family.Index] / _capacity[family.Index] : double.PositiveInfinity;

    /// <summary>Best mean over its slots if the rows came evenly and each device type took them by its capacity.</summary>
    private double Accuracy(ResidentFamily family)
    {
        var load = _problem.Pipelines[family.Index].DemandQps / _capacity[family.Index] / _problem.Options.Utilization;
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

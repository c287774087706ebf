using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <content>From plans to values and back.</content>
internal sealed partial class PlanProgram
{
    /// <summary>Returns the slots of the plan in force as values to start from; null when there is none. The solver finds the
    /// flows.</summary>
    public double[]? WarmStart()
    {
        if (_space.Problem.Previous is not { } previous)
            return null;
        var values = new double[_builder.ColumnCount];
        var running = previous.Slots.ToLookup(s => (s.Pipeline, s.Task, s.Variant));
        foreach (var candidate in _space.Candidates)
        {
            var level = -1;
            foreach (var slot in running[(candidate.Pipeline, candidate.Task, candidate.Variant)]
                .Where(s => s.Device < _replicas[candidate.Id].Length && _replicas[candidate.Id][s.Device] >= 0))
            {
                values[_replicas[candidate.Id][slot.Device]] += slot.Replicas;
                level = Math.Max(level, Level(candidate, slot));
            }

            for (var k = Math.Min(level, candidate.Levels.Length - 1); level >= 0 && k < candidate.Levels.Length; k++)
                values[_level[candidate.Id][k]] = 1;
        }

        foreach (var (sum, parts) in _taskSums)
            values[sum] = parts.Sum(p => values[p]);
        return values;
    }

    /// <summary>Converts the slots of a draft to values to start from. The draft's space is another one of the same problem; variants that
    /// this program lacks are left out.</summary>
    public double[] Values(PlanDraft draft)
    {
        var values = new double[_builder.ColumnCount];
        var slots = draft.Slots.ToLookup(s => (s.Candidate.Pipeline, s.Candidate.Task, s.Candidate.Variant));
        foreach (var candidate in _space.Candidates)
        {
            foreach (var (from, level, device, replicas) in slots[(candidate.Pipeline, candidate.Task, candidate.Variant)].Where(s => _replicas[candidate.Id][s.Device] >= 0))
            {
                values[_replicas[candidate.Id][device]] += replicas;
                for (var k = 0; k < candidate.Levels.Length; k++)
                    values[_level[candidate.Id][k]] = candidate.Levels[k].LatencyUs >= from.Levels[level].LatencyUs ? 1 : 0;
            }
        }

        foreach (var (sum, parts) in _taskSums)
            values[sum] = parts.Sum(p => values[p]);
        return values;
    }

    private static int Level(Candidate candidate, SlotGroup slot)
    {
        if (slot.WaitUs is not { } waitUs)
            return candidate.Levels.Count(l => l.Batch[slot.Device] < slot.Batch);
        var nearest = 0;
        for (var k = 1; k < candidate.Levels.Length; k++)
        {
            if (Distance(candidate.Levels[k]) < Distance(candidate.Levels[nearest]))
                nearest = k;
        }

        return nearest;

        double Distance(LatencyLevel level) =>
            Math.Abs((level.WaitUs ?? 0) - waitUs) + (level.Batch[slot.Device] == slot.Batch ? 0 : slot.LatencyUs);
    }

    /// <summary>Reads slots, flows and shares of a solution.</summary>
    public PlanDraft Read(Solution solution)
    {
        var slots = new List<(Candidate, int, int, int)>();
        foreach (var candidate in _space.Candidates)
        {
            var level = Array.FindIndex(_level[candidate.Id], u => solution.Values[u] > 0.5);
            for (var d = 0; d < _space.Problem.Devices.Length && level >= 0; d++)
            {
                var column = _replicas[candidate.Id][d];
                var replicas = column < 0 ? 0 : (int)Math.Round(solution.Values[column]);
                if (replicas > 0)
                    slots.Add((candidate, level, d, replicas));
            }
        }

        // A share as small as the solver's tolerance is none, and without a slot for every task it is no more than that.
        var running = slots.Select(s => (s.Item1.Pipeline, s.Item1.Task)).ToHashSet();
        var served = _served.Select((s, p) => s < 0 || solution.Values[s] < 1e-7 || _space.Pipelines[p].Graph.Tasks.Any(t => !running.Contains((p, t.Index)))
            ? 0
            : Math.Min(solution.Values[s], 1)).ToArray();
        var variants = slots.Select(s => s.Item1.Id).ToHashSet();
        var flow = _space.Prefixes.Select(p => served[p.Last.Pipeline] > 0 && solution.Values[_flow[p.Id]] >= 1e-9 && p.Upward().All(c => variants.Contains(c.Id))
            ? solution.Values[_flow[p.Id]]
            : 0).ToArray();
        slots.RemoveAll(s => served[s.Item1.Pipeline] == 0);
        return new PlanDraft(_space, slots, flow, served);
    }
}

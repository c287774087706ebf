using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>
/// Spaces in which every task has a fixed part of the objective, and every variant one latency level: the programs over them have no latency rule
/// and no choice of levels, so they are solved in little time however deep a pipeline is. Their plans are plans of the whole space.
/// </summary>
/// <remarks>Parts are found by dynamic programming over the tree: those with which one variant per task carries all of its load on the fewest slots.
/// Where branches meet, a path through several of them is no sum that a tree has, and the parts are equal.</remarks>
internal sealed class TimeSplit
{
    /// <summary>Steps of the grid of response times per task; a multiple of the steps that <see cref="WaitLevels"/> takes.</summary>
    private const int StepsPerTask = 16;

    /// <summary>Largest share of a task's load for one of several variants, 0..1.</summary>
    private const double LoadShare = 0.5;

    private readonly PlanningSpace _space;
    private readonly int[] _steps;
    private readonly double[] _mostQps;

    private TimeSplit(PlanningSpace space)
    {
        _space = space;
        _mostQps = [.. space.Candidates.Select(c => space.Pipelines[c.Pipeline].MaxLoadQps(c))];
        _steps = [.. space.Pipelines.Select(p => StepsPerTask * Longest(p.Graph).Max())];
    }

    /// <summary>Makes a few such spaces that differ: time divided by the most accurate variants, by the strongest ones, and
    /// equally.</summary>
    public static IEnumerable<PlanningSpace> Of(PlanningSpace space)
    {
        var split = new TimeSplit(space);
        var tried = new HashSet<string>(StringComparer.Ordinal);
        foreach (var prefer in (Func<Candidate, double>[])[c => c.Accuracy, c => c.Levels.Max(l => split.SlotQps(l))])
        {
            var parts = space.Pipelines.Select(p => p.CanServe && p.Graph.IsTree ? split.Parts(p, prefer) : split.Equal(p)).ToArray();
            if (split.Restricted(parts, tried) is { } one)
                yield return one;
        }

        if (split.Restricted([.. space.Pipelines.Select(split.Equal)], tried) is { } equal)
            yield return equal;
    }

    // Null where some task has no variant that fits its part, or the parts are no others.
    private PlanningSpace? Restricted(int[][] parts, HashSet<string> tried)
    {
        if (!tried.Add(string.Join('|', parts.Select(p => string.Join(' ', p)))))
            return null;
        var restricted = _space.With(c => Best(c, parts[c.Pipeline][c.Task]) is { } level ? [level] : []);
        return restricted.Pipelines.Zip(_space.Pipelines).All(p => !p.Second.CanServe || p.First.Candidates.All(c => !c.IsEmpty)) ? restricted : null;
    }

    private int[] Equal(PipelineSpace pipeline)
    {
        var longest = Longest(pipeline.Graph);
        return [.. longest.Select(n => _steps[pipeline.Index] / n)];
    }

    // f(t, k): fewest slots of the tasks from t down within k steps; best[t, k]: the steps that t itself takes of them.
    private int[] Parts(PipelineSpace pipeline, Func<Candidate, double> prefer)
    {
        var graph = pipeline.Graph;
        var steps = _steps[pipeline.Index];
        var (fewest, own) = (new double[graph.Tasks.Length, steps + 1], new int[graph.Tasks.Length, steps + 1]);
        foreach (var task in graph.Tasks.Reverse())
        {
            var slots = Slots(pipeline.Candidates[task.Index].MaxBy(prefer)!, steps);
            for (var k = 0; k <= steps; k++)
            {
                fewest[task.Index, k] = double.PositiveInfinity;
                for (var j = 1; j <= k; j++)
                {
                    var sum = slots[j] + task.Outgoing.Sum(e => fewest[e.To, k - j]);
                    if (sum < fewest[task.Index, k])
                        (fewest[task.Index, k], own[task.Index, k]) = (sum, j);
                }
            }
        }

        if (double.IsInfinity(fewest[0, steps]))
            return Equal(pipeline);
        var (left, parts) = (new int[graph.Tasks.Length], new int[graph.Tasks.Length]);
        left[0] = steps;
        foreach (var task in graph.Tasks)
        {
            parts[task.Index] = own[task.Index, left[task.Index]];
            foreach (var edge in task.Outgoing)
                left[edge.To] = left[task.Index] - parts[task.Index];
        }

        return parts;
    }

    private double[] Slots(Candidate candidate, int steps)
    {
        var slots = new double[steps + 1];
        Array.Fill(slots, double.PositiveInfinity);
        foreach (var level in candidate.Levels)
        {
            var step = Step(candidate.Pipeline, level);
            if (step <= steps)
                slots[step] = Math.Min(slots[step], Slots(candidate, level, 1));
        }

        for (var k = 1; k <= steps; k++)
            slots[k] = Math.Min(slots[k], slots[k - 1]);
        return slots;
    }

    private LatencyLevel? Best(Candidate candidate, int part)
    {
        var share = _space.Pipelines[candidate.Pipeline].Candidates[candidate.Task].Length == 1 ? 1 : LoadShare;
        return candidate.Levels.Where(l => Step(candidate.Pipeline, l) <= part).MinBy(l => Slots(candidate, l, share));
    }

    private int Step(int pipeline, LatencyLevel level) =>
        (int)Math.Max(1, Math.Ceiling((level.LatencyUs / _space.Pipelines[pipeline].BudgetUs * _steps[pipeline]) - 1e-6));

    private double Slots(Candidate candidate, LatencyLevel level, double share)
    {
        var needed = (share * _mostQps[candidate.Id]) + level.ReserveQps;
        return candidate.SlotsEach * Math.Max(level.LeastReplicas, needed / _space.Problem.Options.Utilization / SlotQps(level));
    }

    // Of a slot of the cluster, whatever its kind.
    private double SlotQps(LatencyLevel level)
    {
        var (sum, slots) = (0.0, 0);
        for (var d = 0; d < level.SlotQps.Length; d++)
        {
            sum += _space.Problem.Devices[d].Slots * level.SlotQps[d];
            slots += level.SlotQps[d] > 0 ? _space.Problem.Devices[d].Slots : 0;
        }

        return sum / Math.Max(1, slots);
    }

    // [task] tasks on the longest path through it.
    private static int[] Longest(Pipeline graph)
    {
        var (above, below) = (new int[graph.Tasks.Length], new int[graph.Tasks.Length]);
        foreach (var edge in graph.Tasks.SelectMany(t => t.Outgoing))
            above[edge.To] = Math.Max(above[edge.To], above[edge.From] + 1);
        foreach (var edge in graph.Tasks.Reverse().SelectMany(t => t.Outgoing))
            below[edge.From] = Math.Max(below[edge.From], below[edge.To] + 1);
        return [.. above.Zip(below, (a, b) => a + 1 + b)];
    }
}

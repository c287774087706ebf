using ServerlessLoki.Profiles;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Array layout of the pipelines' graphs.</summary>
internal static class Layout
{
    // 99th percentile of the standard normal.
    private const double Normal99 = 2.3263478740408408;

    /// <summary>Makes the stages of all pipelines, and [pipeline][task] the index of the first variant's stage.</summary>
    public static (Stage[] Stages, int[][] Base) Stages(SimulationProblem problem)
    {
        var pipelines = problem.Cluster.Pipelines;
        var bases = new int[pipelines.Length][];
        var count = 0;
        for (var p = 0; p < bases.Length; p++)
        {
            var tasks = pipelines[p].Pipeline.Tasks;
            bases[p] = new int[tasks.Length];
            for (var t = 0; t < tasks.Length; t++)
            {
                bases[p][t] = count;
                count += tasks[t].Variants.Length;
            }
        }

        var stages = new Stage[count];
        for (var p = 0; p < bases.Length; p++)
        {
            var fanOut = problem.TrueFanOut.IsDefaultOrEmpty ? pipelines[p].FanOut : problem.TrueFanOut[p];
            var recorded = problem.Recorded.IsDefaultOrEmpty ? null : problem.Recorded[p];
            foreach (var task in pipelines[p].Pipeline.Tasks)
            {
                foreach (var variant in task.Variants)
                {
                    var index = bases[p][task.Index] + variant.Index;
                    var bit = index - bases[p][0];
                    stages[index] = new Stage(
                        index, p, task.Index, variant.Index, variant.Accuracy, bit < 128 ? UInt128.One << bit : 0,
                        [.. task.Outgoing.Select(e => new OutEdge(e.Index, e.To, bases[p][e.To], fanOut[e.Index, variant.Index], recorded?.Find(e.Index, variant.Index))
                            {
                                Variance = fanOut.Variance(e.Index, variant.Index),
                            })])
                    {
                        JoinGraph = pipelines[p].Pipeline.Tasks.Any(t => t.IsJoin) ? pipelines[p].Pipeline : null,
                        ByDevice = new Pool?[problem.Cluster.Devices.Length],
                        FixedCores = problem.Cluster.Cores?.CoresPerReplica.TryGetValue(variant.Name, out var cores) == true ? cores : null,
                    };
                }
            }
        }

        return (stages, bases);
    }

    public static Device[] Devices(SimulationProblem problem) =>
        [.. problem.Cluster.Devices.Select((d, i) => new Device(
            i, d.Name, problem.Options.ThreadsOf(d),
            [.. Enumerable.Range(0, d.Slots).Select(_ => new Slot())], d.PricePerHour))];

    /// <summary>Computes the spread of a variant's batch times on a device: the mean over its profiled batch sizes.</summary>
    public static double Sigma(ServiceNoise noise, LatencyProfile profile, string variant, string device)
    {
        if (noise.Sigma is { } given)
            return given;
        var spreads = profile.Rows.Where(r => r.Variant == variant && r.Device == device)
            .Select(r => Math.Max(0, Math.Log(r.P99Ms / r.P50Ms)) / Normal99).ToArray();
        return spreads.Length == 0 ? 0 : spreads.Average();
    }
}

using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Simulation.Events;

/// <summary>Refusal of problems that cannot be simulated, with all faults at once.</summary>
internal static class Checks
{
    public static void Validate(SimulationProblem problem)
    {
        var faults = new List<string>();
        var (cluster, options) = (problem.Cluster, problem.Options);
        if (problem.Plan is null && problem.Policy is null)
            faults.Add("there is neither a plan nor a policy: give one");
        if (cluster.Pipelines.IsEmpty)
            faults.Add("there is no pipeline");
        if (!problem.TrueFanOut.IsDefaultOrEmpty && problem.TrueFanOut.Length != cluster.Pipelines.Length)
            faults.Add($"TrueFanOut has {problem.TrueFanOut.Length} entries: one per pipeline, {cluster.Pipelines.Length}, or none");
        if (!problem.Recorded.IsDefaultOrEmpty && problem.Recorded.Length != cluster.Pipelines.Length)
            faults.Add($"Recorded has {problem.Recorded.Length} entries: one per pipeline, {cluster.Pipelines.Length}, or none");
        if (options.Parallelism < 1)
            faults.Add($"Parallelism is {options.Parallelism}: at least 1");
        if (options.HostCores is { } host && (!(host.Cores > 0) || !double.IsFinite(host.Cores) || host.BeforeQuery < TimeSpan.Zero || host.AfterQuery < TimeSpan.Zero))
            faults.Add($"HostCores is {host}: cores above 0, times at least 0");
        if (options.ParallelLoads < 1)
            faults.Add($"ParallelLoads is {options.ParallelLoads}: at least 1");
        if (!(options.Slowdown > 0) || !double.IsFinite(options.Slowdown))
            faults.Add($"Slowdown is {options.Slowdown}: above 0");
        if (!(options.ComfortShare is > 0 and <= 1))
            faults.Add($"ComfortShare is {options.ComfortShare}: above 0 up to 1");
        if (options.Noise.Sigma is < 0 or double.NaN)
            faults.Add($"Noise.Sigma is {options.Noise.Sigma}: at least 0");
        if (options.ControlPeriod < TimeSpan.FromMilliseconds(1))
            faults.Add($"ControlPeriod is {options.ControlPeriod}: at least 1 ms");
        foreach (var (name, time) in new[] { ("ModelLoad", options.ModelLoad), ("HopLatency", options.HopLatency), ("WarmUp", options.WarmUp), ("Drain", options.Drain) })
        {
            if (time < TimeSpan.Zero)
                faults.Add($"{name} is {time}: at least 0");
        }

        foreach (var (p, task, variant) in Misaligned(problem))
            faults.Add($"Recorded[{p}] has records of different lengths on the edges from {task}, variant {variant}: the same position is the same parent on all of them");
        if (problem.Arrivals is RecordedArrivals trace && trace.LargestRecord is { } record && ShortestRecord(problem) is { } shortest && record >= shortest)
            faults.Add($"an arrival names recorded parent {record}, but the shortest record has {shortest}");
        foreach (var failure in problem.Failures)
        {
            if ((uint)failure.Device >= (uint)cluster.Devices.Length || (uint)failure.Slot >= (uint)cluster.Devices[failure.Device].Slots)
                faults.Add($"a failure names slot {failure.Slot} of device {failure.Device}, which is not in the cluster");
            if (failure.AtUs < 0 || failure.DurationUs < 0)
                faults.Add($"a failure at {failure.AtUs} µs for {failure.DurationUs} µs: both at least 0");
        }

        if (faults.Count > 0)
            throw new ArgumentException($"This cannot be simulated: {string.Join("; ", faults)}.", nameof(problem));
    }

    // Arrivals name parents of the root task.
    private static int? ShortestRecord(SimulationProblem problem) => problem.Recorded.IsDefault
        ? null
        : problem.Recorded.SelectMany((r, p) => r is null || p >= problem.Cluster.Pipelines.Length
            ? []
            : problem.Cluster.Pipelines[p].Pipeline.Root.Outgoing.SelectMany(e =>
                problem.Cluster.Pipelines[p].Pipeline.Root.Variants.Select(v => r.Find(e.Index, v.Index)?.Length))).OfType<int>().Cast<int?>().Min();

    private static IEnumerable<(int Pipeline, string Task, string Variant)> Misaligned(SimulationProblem problem) =>
        from p in Enumerable.Range(0, problem.Recorded.IsDefault ? 0 : Math.Min(problem.Recorded.Length, problem.Cluster.Pipelines.Length))
        where problem.Recorded[p] is not null
        from task in problem.Cluster.Pipelines[p].Pipeline.Tasks
        from variant in task.Variants
        where task.Outgoing.Select(e => problem.Recorded[p]!.Find(e.Index, variant.Index)?.Length).OfType<int>().Distinct().Count() > 1
        select (p, task.Name, variant.Name);
}

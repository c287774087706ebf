using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>Least time in which a single query can be answered.</summary>
public static class FastestPath
{
    /// <summary>Computes the time of the slowest branch if every task ran its fastest variant on one row, microseconds; tasks that were not
    /// profiled count 0.</summary>
    /// <param name="pipeline">Pipeline to measure.</param>
    /// <param name="singleUs">Time of one row of a variant, microseconds; null = not profiled.</param>
    public static double Us(Pipeline pipeline, Func<Variant, double?> singleUs)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        var until = new double[pipeline.Tasks.Length];
        foreach (var task in pipeline.Tasks)
            until[task.Index] = (task.Variants.Min(singleUs) ?? 0) + task.Incoming.Select(e => until[e.From]).DefaultIfEmpty(0).Max();
        return until.Max();
    }

    /// <summary>Computes the time of the slowest branch, microseconds, on the device types that have slots.</summary>
    public static double Us(Pipeline pipeline, LatencyProfile profile, IReadOnlyList<DeviceType> devices)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return Us(pipeline, v => devices.Where(d => d.Slots > 0).Min(d => profile.Find(v.Name, d.Name)?.LatencyUs(1)));
    }
}

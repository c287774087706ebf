using ServerlessLoki.Pipelines;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Planning;

/// <summary>The least time that a query alone can be answered in.</summary>
public static class FastestPath
{
    /// <summary>Time of the slowest branch, if every task ran its fastest variant on one row, microseconds; 0 for tasks that were not profiled.</summary>
    /// <param name="pipeline">The graph.</param>
    /// <param name="singleUs">Time of one row of a variant; null = not profiled.</param>
    public static double Us(Pipeline pipeline, Func<Variant, double?> singleUs)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        var until = new double[pipeline.Tasks.Length];
        foreach (var task in pipeline.Tasks)
            until[task.Index] = (task.Variants.Min(singleUs) ?? 0) + task.Incoming.Select(e => until[e.From]).DefaultIfEmpty(0).Max();
        return until.Max();
    }

    /// <summary>The same on the devices that have slots.</summary>
    public static double Us(Pipeline pipeline, LatencyProfile profile, IReadOnlyList<DeviceType> devices)
    {
        ArgumentNullException.ThrowIfNull(profile);
        return Us(pipeline, v => devices.Where(d => d.Slots > 0).Min(d => profile.Find(v.Name, d.Name)?.LatencyUs(1)));
    }
}

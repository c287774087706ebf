using System.Globalization;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving;

/// <summary>Checks of pipelines that share a host.</summary>
internal static class HostSetup
{
    /// <summary>Checks names: pipelines and variants are models of one API, so no two may share a name.</summary>
    /// <param name="pipelines">Pipelines of the host.</param>
    /// <exception cref="HostSetupException">Lists every name that is used twice.</exception>
    public static void CheckNames(IReadOnlyList<PipelineSource> pipelines) => ThrowIfAny(NameFaults(pipelines));

    internal static void Check(EngineOptions options, IReadOnlyList<PipelineSource> pipelines) => ThrowIfAny(options.Faults().Concat(NameFaults(pipelines)));

    internal static void Check(EngineOptions options, IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, IFleet fleet) =>
        ThrowIfAny(options.Faults().Concat(NameFaults(pipelines)).Concat(DeviceFaults(pipelines, profile, fleet)).Concat(ProfileFaults(pipelines, profile, fleet)));

    /// <summary>Checks that slots of a limited memory can hold each variant that may run there.</summary>
    /// <param name="pipelines">Pipelines of the host.</param>
    /// <param name="profile">Latencies by variant and device.</param>
    /// <param name="fleet">Device types.</param>
    /// <param name="memoryMiB">Memory of variants whose files do not say it, by name.</param>
    internal static void CheckMemory(
        IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, IFleet fleet, IReadOnlyDictionary<string, double> memoryMiB) => ThrowIfAny(
        from device in fleet.Devices
        where device.MemoryMiB is not null
        from source in pipelines
        from task in source.Pipeline.Tasks
        from variant in task.Variants
        where profile.Find(variant.Name, device.Name) is not null
        let needed = variant.MemoryMiB ?? memoryMiB.GetValueOrDefault(variant.Name)
        where needed > device.MemoryMiB
        select new Fault(
            $"{source.Pipeline.Name} $.tasks[{task.Name}].variants[{variant.Name}]", string.Create(CultureInfo.InvariantCulture, $"a slot of {device.Name} has {device.MemoryMiB:0.###} MiB for models and cannot hold it"),
            string.Create(CultureInfo.InvariantCulture, $"{needed:0.###} MiB"), string.Create(CultureInfo.InvariantCulture, $"at most {device.MemoryMiB:0.###} MiB: give slots more memory, or leave the variant out of the file")));

    private static IEnumerable<Fault> NameFaults(IReadOnlyList<PipelineSource> pipelines)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, name, what) in Models(pipelines))
        {
            if (!owners.TryAdd(name, what))
                yield return new Fault(path, $"the name belongs to {owners[name]} already", $"\"{name}\"", "a name that no other pipeline or variant of the host has");
        }
    }

    private static IEnumerable<(string Path, string Name, string What)> Models(IReadOnlyList<PipelineSource> pipelines)
    {
        foreach (var source in pipelines)
            yield return ($"{source.Pipeline.Name} $.name", source.Pipeline.Name, "a pipeline");
        foreach (var source in pipelines)
        {
            foreach (var task in source.Pipeline.Tasks)
            {
                foreach (var variant in task.Variants)
                    yield return ($"{source.Pipeline.Name} $.tasks[{task.Name}].variants[{variant.Name}].name", variant.Name, $"a variant of {source.Pipeline.Name}");
            }
        }
    }

    // All replicas of a variant share one pool, and a pool computes in one place.
    private static IEnumerable<Fault> DeviceFaults(IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, IFleet fleet) =>
        from variant in pipelines.SelectMany(s => s.Pipeline.Tasks).SelectMany(t => t.Variants).Select(v => v.Name).Distinct(StringComparer.Ordinal)
        let devices = fleet.Devices.Where(d => profile.Find(variant, d.Name) is not null).Select(d => d.Name).ToArray()
        where devices.Length > 1
        select new Fault($"profile {variant}", "the variant is profiled on several device types of the host", string.Join(", ", devices), "one: leave the others out of the profile, or run a host per device type");

    private static IEnumerable<Fault> ProfileFaults(IReadOnlyList<PipelineSource> pipelines, LatencyProfile profile, IFleet fleet) =>
        from source in pipelines
        from task in source.Pipeline.Tasks
        where !task.Variants.Any(v => fleet.Devices.Any(d => profile.Find(v.Name, d.Name) is not null))
        select new Fault(
            $"profile {source.Pipeline.Name} {task.Name}",
            "no variant of the task is profiled on a device of the host",
            string.Join(", ", profile.Rows.Select(r => r.Device).Distinct(StringComparer.Ordinal).Select(d => $"device {d}").DefaultIfEmpty("no rows")),
            $"rows of {string.Join(" or ", task.Variants.Select(v => v.Name))} on {string.Join(" or ", fleet.Devices.Select(d => d.Name))}: measure them with 'loki profile'");

    private static void ThrowIfAny(IEnumerable<Fault> found)
    {
        var faults = found.ToArray();
        if (faults.Length > 0)
            throw new HostSetupException(faults);
    }
}

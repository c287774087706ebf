using System.Collections.Immutable;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded;

/// <summary>Fleet of one machine, whose slots do not change.</summary>
/// <param name="devices">Slots per device type.</param>
internal sealed class FixedFleet(ImmutableArray<DeviceType> devices) : IFleet
{
    /// <summary>Makes the CPU of this machine: slots that share its cores.</summary>
    /// <param name="slots">Number of slots, at least 1; null = eight per core, so that a small task does not hold a large share of a
    /// core.</param>
    /// <param name="cores">Cores to share; at least 1.</param>
    /// <param name="slotMemoryMiB">Memory of a slot for models, MiB; null = no limit is known.</param>
    public static FixedFleet Cpu(int? slots, int cores, double? slotMemoryMiB = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cores, 1);
        var count = slots ?? 8 * cores;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(slots));
        // With fewer slots than cores each slot has a core to itself; a batch runs on one core.
        return new FixedFleet([new DeviceType("cpu", count, Math.Min(1, (double)cores / count)) { MemoryMiB = slotMemoryMiB }]);
    }

    /// <inheritdoc />
    public ImmutableArray<DeviceType> Devices { get; } = devices;

    /// <inheritdoc />
    public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

using System.Collections.Immutable;
using ServerlessLoki.Azure.Fleet;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Functions.Setup;

/// <summary>Workers that somebody else starts, for example scripts/func.sh: their number is the settings', and stays.</summary>
internal sealed class FixedSlots(IEnumerable<ContainerAppOptions> kinds) : IFleet
{
    public ImmutableArray<DeviceType> Devices { get; } = [.. kinds.Select(k => k.SlotsOf(k.MaxReplicas))];

    public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

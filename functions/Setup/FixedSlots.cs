using System.Collections.Immutable;
using ServerlessLoki.Azure.Fleet;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Functions.Setup;

/// <summary>Fleet of workers that the user starts, for example by scripts/func.sh: the settings give their number, which does not
/// change.</summary>
internal sealed class FixedSlots(IEnumerable<ContainerAppOptions> kinds) : IFleet
{
    public ImmutableArray<DeviceType> Devices { get; } = [.. kinds.Select(k => k.SlotsOf(k.MaxReplicas))];

    public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

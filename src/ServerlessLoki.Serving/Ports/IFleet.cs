using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Ports;

/// <summary>The hardware: how many slots of each device type there are, and the means to ask for more or fewer.</summary>
public interface IFleet
{
    /// <summary>Slots per device type: those of a box, or the most that a fleet which scales may have.</summary>
    ImmutableArray<DeviceType> Devices { get; }

    /// <summary>Where scaling stands, by device; empty for a fixed box.</summary>
    ImmutableArray<FleetStatus> Status => [];

    /// <summary>Asks for slots of a device type. True if the count will change; a fixed box answers false.</summary>
    ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken);
}

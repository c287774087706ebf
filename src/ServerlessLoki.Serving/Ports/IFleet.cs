using System.Collections.Immutable;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Serving.Ports;

/// <summary>Hardware of a host: the number of slots of each device type, and the way to ask for more or fewer.</summary>
public interface IFleet
{
    /// <summary>Slots per device type: those of a fixed machine, or the most of a fleet that scales.</summary>
    ImmutableArray<DeviceType> Devices { get; }

    /// <summary>Status of scaling, by device type; empty for a fixed machine.</summary>
    ImmutableArray<FleetStatus> Status => [];

    /// <summary>Asks for slots of a device type. True if the count will change; a fixed machine answers false.</summary>
    ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken);
}

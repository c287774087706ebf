using System.Collections.Concurrent;
using System.Collections.Immutable;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Tests.Doubles;

/// <summary>Notes what it is asked for.</summary>
internal sealed class FakeFleet(int slots, double price = 0) : IFleet
{
    /// <summary>Called before the devices are told.</summary>
    public Action OnAsked { get; set; } = () => { };

    /// <summary>Further device types.</summary>
    public ImmutableArray<DeviceType> More { get; init; } = [];

    /// <summary>What it says of its scaling.</summary>
    public ImmutableArray<FleetStatus> Status { get; set; } = [];

    public ConcurrentQueue<(string Device, int Slots)> Asked { get; } = new();

    public ImmutableArray<DeviceType> Devices
    {
        get
        {
            OnAsked();
            return [new DeviceType("cpu", slots, 1, price), .. More];
        }
    }

    public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken)
    {
        Asked.Enqueue((device, slots));
        return ValueTask.FromResult(true);
    }
}

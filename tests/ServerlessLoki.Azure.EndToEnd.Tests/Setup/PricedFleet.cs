using System.Collections.Immutable;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.EndToEnd.Tests.Setup;

/// <summary>The workers that there are, at another price: reason enough for a planner to publish.</summary>
internal sealed class PricedFleet(string device, int slots, double pricePerHour) : IFleet
{
    public ImmutableArray<DeviceType> Devices { get; } = [new(device, slots, PricePerHour: pricePerHour)];

    public ValueTask<bool> ScaleAsync(string device, int slots, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

using System.Collections.Immutable;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Waiting work on the busiest of several devices.</summary>
internal sealed class DeviceLoads(ImmutableArray<ComputeDevice> devices) : IWaitingWork
{
    public double BeforeUs(long orderUs)
    {
        var most = 0.0;
        foreach (var device in devices)
            most = Math.Max(most, device.Load.BeforeUs(orderUs));
        return most;
    }

    public double BeforeUs(long orderUs, int pipeline)
    {
        var most = 0.0;
        foreach (var device in devices)
            most = Math.Max(most, device.Load.BeforeUs(orderUs, pipeline));
        return most;
    }
}

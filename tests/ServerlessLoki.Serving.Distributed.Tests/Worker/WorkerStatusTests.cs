using ServerlessLoki.Serving.Distributed.Tests.Doubles;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Distributed.Tests.Worker;

/// <summary>What people see of workers.</summary>
public sealed class WorkerStatusTests
{
    [Fact]
    public async Task Report_DeviceMissing_SaysOfEachSlotWhyTheProcessorComputes()
    {
        await using var system = new RemoteSystem();
        var worker = await system.AddWorkerAsync(3, new FakeModels { Fallback = "CUDA cannot be used: no driver" });
        var ingress = await system.AddIngressAsync();
        await system.PublishAsync("l", 1);
        await RemoteSystem.UntilAsync(() => ingress.IsReady && ingress.Status().Slots.Length == 3);
        Assert.All(worker.Report().SlotStates, s => Assert.Equal("CUDA cannot be used: no driver", s.ProviderFallback));
        Assert.All(ingress.Status().Slots, s => Assert.Equal(("cpu", "CUDA cannot be used: no driver"), (s.Provider, s.ProviderFallback)));
    }
}

using Azure.Messaging.ServiceBus;
using ServerlessLoki.Azure.ServiceBus;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class DemandSignalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_QueueIsThere_IsCountedUntilCleared()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Admin.CreateQueueAsync(DemandSignal.QueueOf("t4"), Stop);
        await using var signal = new DemandSignal(bus.Connection, bus.Time);

        await signal.SendAsync("t4", Stop);
        await signal.SendAsync("t4", Stop);
        Assert.Equal(2, await CountAsync(bus));

        await signal.ClearAsync("t4", Stop);
        Assert.Equal(0, await CountAsync(bus));
    }

    [Fact]
    public async Task Send_NobodyReads_EndsWithItsLife()
    {
        await using var bus = await TestNamespace.StartAsync();
        await bus.Admin.CreateQueueAsync(DemandSignal.QueueOf("t4"), Stop);
        await using var signal = new DemandSignal(bus.Connection, bus.Time);
        await signal.SendAsync("t4", Stop);

        bus.Time.Advance(TimeSpan.FromMinutes(2));
        await using var receiver = bus.Client.CreateReceiver(DemandSignal.QueueOf("t4"));
        Assert.Null(await receiver.PeekMessageAsync(cancellationToken: Stop));
    }

    [Fact]
    public async Task Send_QueueIsMissing_SaysSo()
    {
        await using var bus = await TestNamespace.StartAsync();
        await using var signal = new DemandSignal(bus.Connection, bus.Time);
        var exception = await Assert.ThrowsAsync<ServiceBusException>(async () => await signal.SendAsync("t4", Stop));
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, exception.Reason);
    }

    private static async Task<long> CountAsync(TestNamespace bus) => (await bus.Admin.GetQueueRuntimePropertiesAsync(DemandSignal.QueueOf("t4"), Stop)).Value.ActiveMessageCount;
}

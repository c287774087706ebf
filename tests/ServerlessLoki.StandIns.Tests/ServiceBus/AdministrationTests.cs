using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace ServerlessLoki.StandIns.Tests.ServiceBus;

public sealed class AdministrationTests
{
    [Fact]
    public async Task CreateQueue_Twice_SaysThatItExists()
    {
        await using var bus = await TestBus.WithQueueAsync();

        var exists = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Admin.CreateQueueAsync("WORK"));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityAlreadyExists, exists.Reason);
    }

    [Fact]
    public async Task QueueExists_BeforeAndAfterDelete_Tells()
    {
        await using var bus = await TestBus.WithQueueAsync();
        Assert.True((await bus.Admin.QueueExistsAsync(TestBus.Queue)).Value);

        Assert.Equal(200, (await bus.Admin.DeleteQueueAsync(TestBus.Queue)).Status);

        Assert.False((await bus.Admin.QueueExistsAsync(TestBus.Queue)).Value);
        var gone = await Assert.ThrowsAsync<ServiceBusException>(() => bus.SendAsync("a"));
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, gone.Reason);
        Assert.Equal(TestBus.Queue, gone.EntityPath);
        await Assert.ThrowsAsync<ServiceBusException>(() => bus.Admin.DeleteQueueAsync(TestBus.Queue));
    }

    [Fact]
    public async Task DeleteQueue_SomeoneReceives_EndsTheReceive()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var waiting = bus.Receiver.ReceiveMessageAsync();

        await bus.Admin.DeleteQueueAsync(TestBus.Queue);

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, (await Assert.ThrowsAsync<ServiceBusException>(() => waiting)).Reason);
    }

    [Fact]
    public async Task GetQueues_Several_ListsTheirSettings()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.Admin.CreateQueueAsync(new CreateQueueOptions("other") { MaxDeliveryCount = 7, UserMetadata = "m" });

        var queues = new List<QueueProperties>();
        await foreach (var queue in bus.Admin.GetQueuesAsync())
            queues.Add(queue);

        Assert.Equal(["other", TestBus.Queue], queues.Select(static q => q.Name));
        Assert.Equal((7, "m"), (queues[0].MaxDeliveryCount, queues[0].UserMetadata));
    }

    [Fact]
    public async Task UpdateQueue_Settings_AreInForceForTheNextDelivery()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var queue = (await bus.Admin.GetQueueAsync(TestBus.Queue)).Value;
        queue.LockDuration = TimeSpan.FromMinutes(2);

        await bus.Admin.UpdateQueueAsync(queue);
        await bus.SendAsync("a");

        var message = Assert.Single(await bus.TakeAsync());
        Assert.InRange(message.LockedUntil - bus.Time.GetUtcNow(), TimeSpan.FromMinutes(1.9), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task AutoDeleteOnIdle_NobodyComes_IsDeleted()
    {
        await using var bus = await TestBus.WithQueueAsync(static q => q.AutoDeleteOnIdle = TimeSpan.FromMinutes(5));

        var waiting = bus.Receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(6));
        bus.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Null(await waiting);
        Assert.True((await bus.Admin.QueueExistsAsync(TestBus.Queue)).Value);
        bus.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.False((await bus.Admin.QueueExistsAsync(TestBus.Queue)).Value);
        await bus.Admin.CreateQueueAsync(TestBus.Queue);
    }

    [Fact]
    public void Client_NetworkAddress_SaysWhatTheStandInReaches()
    {
        var refused = Assert.Throws<NotSupportedException>(static () => new ServiceBusClient("Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b"));

        Assert.Contains("sb://inprocess/NAME", refused.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(static () => new ServiceBusClient("nonsense"));
    }
}

using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

public sealed class AdministrationTests
{
    private static CancellationToken Stop => TestBus.Stop;

    [Fact]
    public async Task CreateQueue_Settings_AreReadBackAsWritten()
    {
        await using var bus = await TestBus.WithoutQueueAsync();
        var wanted = new CreateQueueOptions("a/b c")
        {
            LockDuration = TimeSpan.FromSeconds(17),
            MaxDeliveryCount = 7,
            DefaultMessageTimeToLive = TimeSpan.FromHours(3),
            AutoDeleteOnIdle = TimeSpan.FromMinutes(6),
            DeadLetteringOnMessageExpiration = true,
            RequiresDuplicateDetection = true,
            DuplicateDetectionHistoryTimeWindow = TimeSpan.FromMinutes(2),
            UserMetadata = "<m>",
        };

        var made = (await bus.Admin.CreateQueueAsync(wanted, Stop)).Value;

        Assert.Equal(wanted, new CreateQueueOptions(made));
        Assert.Equal(made, (await bus.Admin.GetQueueAsync("A/B c", Stop)).Value);
    }

    [Fact]
    public async Task CreateQueue_Twice_SaysThatItExists()
    {
        await using var bus = await TestBus.WithQueueAsync();

        var exists = await Assert.ThrowsAsync<ServiceBusException>(() => bus.Admin.CreateQueueAsync("WORK", Stop));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityAlreadyExists, exists.Reason);
    }

    [Fact]
    public async Task CreateQueue_WhatIsNotServed_TellsEveryFault()
    {
        await using var bus = await TestBus.WithoutQueueAsync();

        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => bus.Admin.CreateQueueAsync(new CreateQueueOptions("q") { RequiresSession = true, MaxDeliveryCount = 5000 }, Stop));

        Assert.Contains("RequiresSession must be false", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MaxDeliveryCount is '5000', but must be a number from 1 to 2000", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => bus.Admin.CreateTopicAsync("t", Stop));
    }

    [Fact]
    public async Task QueueExists_BeforeAndAfterDelete_Tells()
    {
        await using var bus = await TestBus.WithQueueAsync();
        Assert.True((await bus.Admin.QueueExistsAsync(TestBus.Queue, Stop)).Value);

        Assert.Equal(200, (await bus.Admin.DeleteQueueAsync(TestBus.Queue, Stop)).Status);

        Assert.False((await bus.Admin.QueueExistsAsync(TestBus.Queue, Stop)).Value);
        await NotFoundAsync(() => bus.SendAsync("a"));
        await NotFoundAsync(() => bus.Receiver.ReceiveMessageAsync(cancellationToken: Stop));
        await NotFoundAsync(() => bus.Receiver.PeekMessageAsync(cancellationToken: Stop));
        await NotFoundAsync(() => bus.Admin.DeleteQueueAsync(TestBus.Queue, Stop));
        await NotFoundAsync(() => bus.Admin.GetQueueRuntimePropertiesAsync(TestBus.Queue, Stop));
    }

    [Fact]
    public async Task DeleteQueue_LinksAreOpen_AreToldAndServeANewOneOfThatName()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await bus.SendAsync("a");
        await bus.TakeOneAsync();

        await bus.Admin.DeleteQueueAsync(TestBus.Queue, Stop);
        await NotFoundAsync(() => bus.SendAsync("b"));
        await bus.Admin.CreateQueueAsync(TestBus.Queue, Stop);
        await bus.SendAsync("c");

        Assert.Equal("c", (await bus.TakeOneAsync()).Body.ToString());
    }

    [Fact]
    public async Task GetQueues_MoreThanOnePage_ListsTheirSettings()
    {
        await using var bus = await TestBus.WithoutQueueAsync();
        for (var i = 0; i < 120; i++)
            await bus.Admin.CreateQueueAsync(new CreateQueueOptions($"q{i:000}") { MaxDeliveryCount = i + 1 }, Stop);

        var queues = new List<QueueProperties>();
        await foreach (var queue in bus.Admin.GetQueuesAsync(Stop))
            queues.Add(queue);

        Assert.Equal(Enumerable.Range(0, 120).Select(static i => ($"q{i:000}", i + 1)), queues.Select(static q => (q.Name, q.MaxDeliveryCount)));
    }

    [Fact]
    public async Task RuntimeProperties_OfAll_CountAndDate()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var start = bus.Time.GetUtcNow();
        bus.Time.Advance(TimeSpan.FromMinutes(1));
        await bus.SendAsync("abc");

        var all = new List<QueueRuntimeProperties>();
        await foreach (var queue in bus.Admin.GetQueuesRuntimePropertiesAsync(Stop))
            all.Add(queue);

        var one = Assert.Single(all);
        Assert.Equal((1L, 1L, start, start + TimeSpan.FromMinutes(1)), (one.ActiveMessageCount, one.TotalMessageCount, one.CreatedAt, one.AccessedAt));
        Assert.InRange(one.SizeInBytes, 3, 1000);
    }

    [Fact]
    public async Task RuntimeProperties_SomeoneWaits_AreAccessedNow()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var waiting = bus.TakeOneAsync();
        // Once it waits, time does not make the queue idle.
        await Eventually.Holds(
            async () =>
            {
                bus.Time.Advance(TimeSpan.FromMinutes(1));
                return (await bus.CountsAsync()).AccessedAt == bus.Time.GetUtcNow();
            },
            "the receive waits");

        await bus.SendAsync("a");
        await waiting;
    }

    [Fact]
    public async Task UpdateQueue_Settings_AreInForceForTheNextDelivery()
    {
        await using var bus = await TestBus.WithQueueAsync();
        var queue = (await bus.Admin.GetQueueAsync(TestBus.Queue, Stop)).Value;
        queue.LockDuration = TimeSpan.FromMinutes(2);

        await bus.Admin.UpdateQueueAsync(queue, Stop);
        await bus.SendAsync("a");

        Assert.Equal(bus.Time.GetUtcNow() + TimeSpan.FromMinutes(2), (await bus.TakeOneAsync()).LockedUntil);
    }

    [Fact]
    public async Task AutoDeleteOnIdle_NobodyComes_IsDeleted()
    {
        await using var bus = await TestBus.WithQueueAsync(static q => q.AutoDeleteOnIdle = TimeSpan.FromMinutes(5));
        await bus.SendAsync("a");
        await using (var receiver = bus.Client.CreateReceiver(TestBus.Queue))
        {
            await receiver.CompleteMessageAsync(await bus.TakeOneAsync(receiver), Stop);
            Assert.Empty(await receiver.ReceiveMessagesAsync(1, TimeSpan.FromMilliseconds(100), Stop));
            bus.Time.Advance(TimeSpan.FromMinutes(6));
            Assert.True((await bus.Admin.QueueExistsAsync(TestBus.Queue, Stop)).Value);
        }

        // The broker learns of the end of a link after the client.
        await Eventually.Holds(
            async () =>
            {
                bus.Time.Advance(TimeSpan.FromSeconds(1));
                return (await bus.CountsAsync()).AccessedAt < bus.Time.GetUtcNow();
            },
            "nobody waits");
        var idleEnd = (await bus.CountsAsync()).AccessedAt + TimeSpan.FromMinutes(5);
        bus.Time.Advance(idleEnd - bus.Time.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.True((await bus.Admin.QueueExistsAsync(TestBus.Queue, Stop)).Value);
        bus.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.False((await bus.Admin.QueueExistsAsync(TestBus.Queue, Stop)).Value);
        await bus.Admin.CreateQueueAsync(TestBus.Queue, Stop);
    }

    private static async Task NotFoundAsync(Func<Task> call)
    {
        var gone = await Assert.ThrowsAsync<ServiceBusException>(call);
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, gone.Reason);
    }
}

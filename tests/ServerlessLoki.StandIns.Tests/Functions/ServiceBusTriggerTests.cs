using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using ServerlessLoki.StandIns.Tests.ServiceBus;

namespace ServerlessLoki.StandIns.Tests.Functions;

/// <summary>What becomes of a message by what its function does.</summary>
public sealed class ServiceBusTriggerTests
{
    private readonly ConcurrentQueue<(string Body, int Delivery)> _calls = new();

    [Fact]
    public async Task Automatic_FunctionReturns_MessageIsCompleted()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await using var app = await StartAsync(bus, nameof(QueueWork.Automatic), static (_, _) => Task.CompletedTask);

        await bus.SendAsync("a");

        await Eventually(async () => !_calls.IsEmpty && (await bus.CountsAsync()).TotalMessageCount == 0, "the message is gone");
        Assert.Equal([("a", 1)], _calls);
    }

    [Theory]
    [InlineData(nameof(QueueWork.Automatic))]
    [InlineData(nameof(QueueWork.Manual))]
    public async Task Function_ThrowsOnce_MessageComesAgainAtOnce(string function)
    {
        await using var bus = await TestBus.WithQueueAsync();
        await using var app = await StartAsync(bus, function, static (message, actions) =>
            message.DeliveryCount == 1 ? throw new InvalidOperationException("not now") : actions?.CompleteMessageAsync(message) ?? Task.CompletedTask);

        await bus.SendAsync("a");

        await Eventually(async () => _calls.Count == 2 && (await bus.CountsAsync()).TotalMessageCount == 0, "the message is gone");
        Assert.Equal([("a", 1), ("a", 2)], _calls);
    }

    [Fact]
    public async Task Function_ThrowsEachTime_MessageIsADeadLetterAtTheQueuesCount()
    {
        await using var bus = await TestBus.WithQueueAsync(static queue => queue.MaxDeliveryCount = 3);
        await using var app = await StartAsync(bus, nameof(QueueWork.Automatic), static (message, _) =>
            message.Body.ToString() == "bad" ? throw new InvalidOperationException("never") : Task.CompletedTask);

        await bus.SendAsync("bad");
        await bus.SendAsync("good");

        await Eventually(async () => (await bus.CountsAsync()) is { DeadLetterMessageCount: 1, ActiveMessageCount: 0 }, "the message is put aside");
        Assert.Equal([("bad", 1), ("bad", 2), ("bad", 3)], _calls.Where(static c => c.Body == "bad"));
        Assert.Equal("MaxDeliveryCountExceeded", (await bus.TakeAsync(bus.DeadLetters)).Single().DeadLetterReason);
        Assert.Contains(("good", 1), _calls);
    }

    [Fact]
    public async Task Manual_FunctionReturnsWithoutSettling_MessageComesAgainWhenItsLockExpires()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await using var app = await StartAsync(bus, nameof(QueueWork.Manual), static (message, actions) =>
            message.DeliveryCount == 1 ? Task.CompletedTask : actions!.CompleteMessageAsync(message));
        await bus.SendAsync("a");
        await Eventually(() => Task.FromResult(_calls.Count == 1), "the function was called");
        Assert.Equal(1, (await bus.CountsAsync()).ActiveMessageCount);

        await Eventually(
            async () =>
            {
                bus.Time.Advance(TimeSpan.FromSeconds(10));
                return (await bus.CountsAsync()).TotalMessageCount == 0;
            },
            "the message is gone");

        Assert.Equal([("a", 1), ("a", 2)], _calls);
    }

    [Fact]
    public async Task Manual_FunctionPutsItAside_IsADeadLetterWithTheReason()
    {
        await using var bus = await TestBus.WithQueueAsync();
        await using var app = await StartAsync(bus, nameof(QueueWork.Manual), static (message, actions) =>
            actions!.DeadLetterMessageAsync(message, null, "poison", "No such thing."));

        await bus.SendAsync("a");

        await Eventually(async () => (await bus.CountsAsync()).DeadLetterMessageCount == 1, "the message is put aside");
        var letter = (await bus.TakeAsync(bus.DeadLetters)).Single();
        Assert.Equal(("poison", "No such thing.", 1), (letter.DeadLetterReason, letter.DeadLetterErrorDescription, _calls.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Calls_AtOnce_AreAsManyAsHostJsonSays(int atOnce)
    {
        const int Messages = 8;
        await using var bus = await TestBus.WithQueueAsync();
        using var gate = new SemaphoreSlim(0);
        var (running, most) = (0, 0);
        await using var app = await StartAsync(
            bus, nameof(QueueWork.Automatic),
            async (_, _) =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                await gate.WaitAsync(TestContext.Current.CancellationToken);
                Interlocked.Decrement(ref running);
            },
            $"--AzureFunctionsJobHost:extensions:serviceBus:maxConcurrentCalls={atOnce}");
        for (var i = 0; i < Messages; i++)
            await bus.SendAsync($"{i}");

        await Eventually(() => Task.FromResult(Volatile.Read(ref running) == atOnce), "all that may run do");
        for (var i = 1; i <= Messages; i++)
        {
            gate.Release();
            await Eventually(() => Task.FromResult(_calls.Count == Math.Min(Messages, atOnce + i)), "the next one runs");
        }

        await Eventually(async () => (await bus.CountsAsync()).TotalMessageCount == 0, "all are done");
        Assert.Equal(atOnce, most);
    }

    [Fact]
    public async Task Queue_MadeLater_IsServedThen()
    {
        await using var bus = new TestBus();
        await using var app = await StartAsync(bus, nameof(QueueWork.Automatic), static (_, _) => Task.CompletedTask);
        await bus.Admin.CreateQueueAsync(TestBus.Queue);

        await bus.SendAsync("a");

        await Eventually(() => Task.FromResult(_calls.Count == 1), "the function was called");
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }

    /// <summary>Waits for what other threads do; a minute is far beyond what a busy machine needs.</summary>
    private static async Task Eventually(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 6000; i++)
        {
            if (await holds())
                return;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"It never came to this: {what}.");
    }

    private Task<HostedApp> StartAsync(TestBus bus, string function, QueueWork.Handler handler, params string[] settings)
    {
        QueueWork.Handler noted = (message, actions) =>
        {
            _calls.Enqueue((message.Body.ToString(), message.DeliveryCount));
            return handler(message, actions);
        };
        return HostedApp.StartAsync([function], settings: [$"--ServiceBus={bus.ConnectionString}", .. settings], services: s => s.AddSingleton(noted));
    }
}

/// <summary>Functions that do with a message what a test says.</summary>
public sealed class QueueWork(QueueWork.Handler handler)
{
    /// <summary>What to do; the actions are null where the host settles by itself.</summary>
    public delegate Task Handler(ServiceBusReceivedMessage message, ServiceBusMessageActions? actions);

    [Function(nameof(Automatic))]
    public Task Automatic([ServiceBusTrigger(TestBus.Queue, Connection = "ServiceBus")] ServiceBusReceivedMessage message) => handler(message, null);

    [Function(nameof(Manual))]
    public Task Manual(
        [ServiceBusTrigger(TestBus.Queue, Connection = "ServiceBus", AutoCompleteMessages = false)] ServiceBusReceivedMessage message, ServiceBusMessageActions actions) =>
        handler(message, actions);
}

using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.Azure.ServiceBus;
using ServerlessLoki.Azure.Tests.Doubles;

namespace ServerlessLoki.Azure.Tests.ServiceBus;

public sealed class MessagePumpTests : IAsyncDisposable
{
    private readonly ManualReceiver _receiver = new(TestNamespace.Queue);
    private readonly ConcurrentQueue<string> _taken = new();
    private readonly TaskCompletionSource _settled = new();
    private TestNamespace? _bus;
    private MessagePump? _pump;
    private volatile int _room = 3;

    [Fact]
    public async Task Room_ForSeveral_IsAskedForOneByOneAndEachMessageIsTakenWhenItComes()
    {
        await StartAsync();
        await CallsAsync(3);

        _receiver.Deliver("first");

        // Two calls still wait: nothing waits for them.
        await TakenAsync("first");
        await CallsAsync(2);
        _receiver.Deliver("second");
        await TakenAsync("first", "second");
        Assert.Equal(0, _receiver.Batches);
        Assert.Equal(3, _receiver.Started);
    }

    [Fact]
    public async Task Room_IsThereAgain_IsAskedForAtOnce()
    {
        var pump = await StartAsync();
        await CallsAsync(3);
        _receiver.Deliver("a");
        await CallsAsync(2);

        _room++;
        pump.Changed();
        await CallsAsync(3);

        _room += 2;
        pump.Changed();
        await CallsAsync(5);
    }

    [Fact]
    public async Task Take_HasNotEnded_KeepsNoOtherMessageWaiting()
    {
        await StartAsync(takesRoom: false);
        await CallsAsync(3);
        foreach (var message in new[] { "a", "b", "c", "d", "e" })
        {
            _receiver.Deliver(message);
            await CallsAsync(3);
        }

        Assert.False(_settled.Task.IsCompleted);
        await TakenAsync("a", "b", "c", "d", "e");
    }

    [Fact]
    public async Task Nothing_ComesInTime_IsAskedForAgain()
    {
        await StartAsync();
        await CallsAsync(3);

        _receiver.DeliverNothing();

        await TestNamespace.Eventually(() => _receiver is { Waiting: 3, Started: 4 }, "there was another call");
        Assert.Empty(_taken);
    }

    [Fact]
    public async Task Calls_FailTogether_AreRepeatedAfterOnePause()
    {
        await StartAsync();
        await CallsAsync(3);

        for (var i = 0; i < 3; i++)
            _receiver.Fail(new ServiceBusException("Away.", ServiceBusFailureReason.ServiceCommunicationProblem));

        await _bus!.Passing(_bus.Options.Pause / 4, () => Task.FromResult(_receiver.Waiting == 3), "they were repeated");
        Assert.Equal(6, _receiver.Started);
        _receiver.Deliver("a");
        await TakenAsync("a");
    }

    [Fact]
    public async Task Queue_Missing_IsMadeAndAskedWithoutAPause()
    {
        await StartAsync();
        await CallsAsync(3);
        Assert.False((await _bus!.Admin.QueueExistsAsync(TestNamespace.Queue)).Value);

        for (var i = 0; i < 3; i++)
            _receiver.Fail(new ServiceBusException("None.", ServiceBusFailureReason.MessagingEntityNotFound));

        await CallsAsync(3);
        Assert.True((await _bus.Admin.QueueExistsAsync(TestNamespace.Queue)).Value);
    }

    [Fact]
    public async Task Dispose_MessageInHand_WaitsForIt()
    {
        var pump = await StartAsync();
        await CallsAsync(3);
        _receiver.Deliver("a");
        await TakenAsync("a");

        var stopping = pump.DisposeAsync().AsTask();
        await CallsAsync(0);
        Assert.False(stopping.IsCompleted);
        _settled.SetResult();

        await stopping;
    }

    public async ValueTask DisposeAsync()
    {
        _settled.TrySetResult();
        if (_pump is not null)
            await _pump.DisposeAsync();
        if (_bus is not null)
            await _bus.DisposeAsync();
    }

    /// <summary>A pump whose messages stay in hand until <see cref="_settled"/>.</summary>
    private async Task<MessagePump> StartAsync(bool takesRoom = true)
    {
        _bus = await TestNamespace.StartAsync();
        var maker = new QueueMaker(_bus.Connection, _bus.Options, NullLogger<QueueMaker>.Instance);
        return _pump = new MessagePump(_receiver, maker, () => _room, TakeAsync, _bus.Options, _bus.Time, NullLogger.Instance);

        Task TakeAsync(ServiceBusReceivedMessage message, CancellationToken stop)
        {
            if (takesRoom)
                Interlocked.Decrement(ref _room);
            _taken.Enqueue(message.Body.ToString());
            return _settled.Task;
        }
    }

    private Task CallsAsync(int count) => TestNamespace.Eventually(() => _receiver.Waiting == count, $"{count} calls are under way");

    private Task TakenAsync(params string[] bodies) => TestNamespace.Eventually(() => _taken.SequenceEqual(bodies), $"{string.Join(", ", bodies)} were taken");
}

using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Queues whose receivers come and go: no item is left where nobody looks.</summary>
public sealed class InProcessStageQueueTests
{
    private static readonly StageKey Key = new("p", "t", "v");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_NobodyReceives_IsRefused()
    {
        var queues = new InProcessStageQueues();
        await Assert.ThrowsAsync<StageUnservedException>(async () => await queues.SendAsync(Key, Item(), Token));
        var receiver = queues.OpenReceiver(Key, static () => { });
        await queues.SendAsync(Key, Item(), Token);
        await receiver.DisposeAsync();

        var refused = await Assert.ThrowsAsync<StageUnservedException>(async () => await queues.SendAsync(Key, Item(), Token));

        Assert.Equal("No slot of this process runs variant v any more.", refused.Message);
        Assert.Equal(1, receiver.Count);
    }

    [Fact]
    public async Task Send_WhileTheReceiverLeaves_IsRefusedOrFoundByItsLastLook()
    {
        for (var round = 0; round < 200; round++)
        {
            var queues = new InProcessStageQueues();
            var receiver = queues.OpenReceiver(Key, static () => { });
            var sending = Task.Run(async () =>
            {
                var sent = 0;
                try
                {
                    while (true)
                    {
                        await queues.SendAsync(Key, Item(), Token);
                        sent++;
                    }
                }
                catch (StageUnservedException)
                {
                    return sent;
                }
            });
            await Task.Yield();
            await receiver.DisposeAsync();
            // What was sent before is here; what comes after is refused.
            var found = Taken(receiver);
            Assert.Equal(await sending, found);
        }
    }

    [Fact]
    public async Task Peek_ParticularItemsWait_ShownInTheirOrderAndLeftThere()
    {
        var queues = new InProcessStageQueues();
        await using var receiver = queues.OpenReceiver(Key, static () => { });
        StageItem[] items = [Item(3), Item(1), Item(2, minAccuracy: 0.5), Item(1)];
        foreach (var item in items)
            await queues.SendAsync(Key, item, Token);

        var seen = new List<StageItem>();
        receiver.Peek(3, seen);

        Assert.True(receiver.HasParticular);
        Assert.Equal([items[1], items[3], items[2]], seen);
        var taken = new List<StageItem>();
        receiver.Take(2, taken);
        Assert.True(receiver.HasParticular);
        receiver.Take(2, taken);
        Assert.Equal([items[1], items[3], items[2], items[0]], taken);
        Assert.False(receiver.HasParticular);
    }

    private static int Taken(IStageReceiver receiver)
    {
        var items = new List<StageItem>();
        receiver.Take(int.MaxValue, items);
        return items.Count;
    }

    private static StageItem Item(long orderUs = 1, double minAccuracy = 0) =>
        new() { Scope = new Scope { Pipeline = 0, ArrivalUs = 0, DeadlineUs = 1, OrderUs = orderUs, MinAccuracy = minAccuracy }, Task = 0, Variant = 0 };

    private sealed class Scope : QueryScope
    {
        public override QueryInput? Input => null;

        public override bool HasEnded => false;

        public override void Report(StageItem item, OutputRow[] rows, RowTensor? tensor, int children)
        {
        }

        public override void Fail(QueryOutcome outcome, string error, TimeSpan? retryAfter = null)
        {
        }

        protected override void FreeInput()
        {
        }
    }
}

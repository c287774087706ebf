using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests.Queues;

public sealed class MemoryTests
{
    [Fact]
    public void Complete_LongBeforeLockAndLifeEnd_FreesTheMessage()
    {
        using var broker = new MessageBroker(new FakeTimeProvider(), folder: null);
        broker.Create(new QueueSettings { Name = "q", DefaultMessageTimeToLive = TimeSpan.FromDays(14) });
        var first = RoundTrips(broker.Find("q")!, 1);
        RoundTrips(broker.Find("q")!, 5000);

        GC.Collect();

        Assert.False(first.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference RoundTrips(BrokerQueue queue, int count)
    {
        var consumer = new BrokerConsumer(isDelete: false, static () => { }, static _ => { });
        queue.Attach(consumer);
        WeakReference? first = null;
        for (var i = 0; i < count; i++)
        {
            var wire = new byte[10];
            first ??= new WeakReference(wire);
            queue.Send([new BrokerMessage { Wire = wire }], out _);
            queue.SetCredit(consumer, 1);
            Assert.Null(queue.Complete(queue.Take(consumer)!.LockToken));
        }

        queue.Detach(consumer);
        return first!;
    }
}

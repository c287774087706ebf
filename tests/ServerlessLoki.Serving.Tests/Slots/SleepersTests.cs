using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class SleepersTests
{
    [Fact(Timeout = 120_000)]
    public async Task WakeOne_WorkComesWhileThreadsFallAsleep_IsAllDone()
    {
        const int Producers = 3, Each = 30_000, Consumers = 3;
        using var sleepers = new Sleepers();
        var (waiting, done, stopping) = (0, 0, false);
        var consumers = Enumerable.Range(0, Consumers).Select(_ => Task.Factory.StartNew(Consume, TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                Interlocked.Increment(ref waiting);
                sleepers.WakeOne();
            }
        })));
        // Nobody is woken any more: work that lost its wake-up would stay.
        while (Volatile.Read(ref done) < Producers * Each)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Volatile.Write(ref stopping, true);
        sleepers.WakeAll();
        await Task.WhenAll(consumers);
        Assert.Equal((0, Producers * Each), (waiting, done));

        void Consume()
        {
            while (true)
            {
                if (TryTake())
                    continue;
                sleepers.Announce();
                if (TryTake())
                    sleepers.Stay();
                else if (Volatile.Read(ref stopping))
                    return;
                else
                    sleepers.Sleep(Timeout.Infinite);
            }
        }

        bool TryTake()
        {
            var seen = Volatile.Read(ref waiting);
            if (seen == 0 || Interlocked.CompareExchange(ref waiting, seen - 1, seen) != seen)
                return seen > 0 && TryTake();
            Interlocked.Increment(ref done);
            return true;
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task Stay_ThreadThatWasWokenForOtherWork_WakesAnother()
    {
        using var sleepers = new Sleepers();
        var asleep = Task.Run(() =>
        {
            sleepers.Announce();
            sleepers.Sleep(Timeout.Infinite);
        });
        sleepers.Announce();
        // Claims this thread or the other one; either way the one that sleeps is woken in the end.
        sleepers.WakeOne();
        sleepers.Stay();
        while (!asleep.IsCompleted)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
            sleepers.WakeOne();
        }

        await asleep;
    }

    [Fact]
    public void Sleep_NobodyWakes_EndsAfterItsTime()
    {
        using var sleepers = new Sleepers();
        for (var i = 0; i < 3; i++)
        {
            sleepers.Announce();
            sleepers.Sleep(1);
        }

        // No permit is left over: the next one sleeps again.
        sleepers.WakeOne();
        sleepers.Announce();
        sleepers.Sleep(1);
    }
}

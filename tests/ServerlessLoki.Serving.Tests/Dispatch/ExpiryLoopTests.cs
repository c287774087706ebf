using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Dispatch;

public sealed class ExpiryLoopTests
{
    [Fact(Timeout = 120_000)]
    public async Task Idle_ItsTimerStands_AndAQueryStartsItAgain()
    {
        using var ending = new ManualResetEventSlim();
        var time = new WatchedTime();
        await using var test = await TestEngine.StartAsync(models: new FakeModels { OnRun = (_, _) => ending.Wait(TimeSpan.FromSeconds(60)) }, time: time);
        for (var round = 0; round < 3; round++)
        {
            await TestEngine.UntilAsync(() =>
            {
                time.Advance(TimeSpan.FromMilliseconds(10));
                return !time.Runs;
            });
            var asked = test.SubmitAsync(latency: TimeSpan.FromSeconds(30)).AsTask();
            await TestEngine.UntilAsync(() => time.Runs);
            Assert.False(asked.IsCompleted);
            // One jump beyond the deadline, and one tick.
            time.Advance(TimeSpan.FromSeconds(31));
            Assert.Equal(QueryOutcome.Expired, (await asked).Outcome);
        }

        ending.Set();
    }

    [Fact(Timeout = 120_000)]
    public async Task Query_WhoseDeadlinePassesBeforeTheTimerRunsAgain_ExpiresWithoutAnotherTick()
    {
        using var ending = new ManualResetEventSlim();
        var time = new WatchedTime();
        await using var test = await TestEngine.StartAsync(models: new FakeModels { OnRun = (_, _) => ending.Wait(TimeSpan.FromSeconds(60)) }, time: time);
        await TestEngine.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            return !time.Runs;
        });

        var asked = test.SubmitAsync(latency: TimeSpan.FromSeconds(30)).AsTask();
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(QueryOutcome.Expired, (await asked).Outcome);
        ending.Set();
    }

    /// <summary>A clock that tells whether its timer of ten milliseconds runs.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private volatile bool _runs;

        public bool Runs => _runs;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (period != TimeSpan.FromMilliseconds(10))
                return timer;
            _runs = true;
            return new Watched(this, timer);
        }

        private sealed class Watched(WatchedTime time, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                var changed = timer.Change(dueTime, period);
                time._runs = period != Timeout.InfiniteTimeSpan;
                return changed;
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}

using ServerlessLoki.Cli.Load;

namespace ServerlessLoki.Cli.Tests.Load;

public sealed class LoadGeneratorTests
{
    [Fact]
    public async Task RunAsync_TargetThatBlocks_SendsOnAndMeasuresTheWait()
    {
        // Answers come only when all have been sent: a closed loop would never get there.
        var target = new GatedTarget(20);
        var schedule = ArrivalSchedule.Build([new LoadPhase("p", 200, 200, TimeSpan.FromSeconds(0.1))], ArrivalKind.Constant, 1);

        var records = await new LoadGenerator(target, TimeProvider.System).RunAsync(schedule, 1, TestContext.Current.CancellationToken);

        Assert.Equal(20, records.Length);
        Assert.All(records, r => Assert.True(r.SentUs >= r.IntendedUs && r.DoneUs >= r.SentUs));
        var first = records.MinBy(r => r.IntendedUs);
        Assert.True(first.LatencyMs >= 90, $"the first query waited for the last, 95 ms later, but shows {first.LatencyMs} ms");
    }

    [Fact]
    public async Task RunAsync_TooManyInFlight_CountsTheRestAsNotSent()
    {
        var target = new GatedTarget(4);
        var schedule = ArrivalSchedule.Build([new LoadPhase("p", 1000, 1000, TimeSpan.FromSeconds(0.01))], ArrivalKind.Constant, 1);

        var run = new LoadGenerator(target, TimeProvider.System, maxInFlight: 3).RunAsync(schedule, 1, TestContext.Current.CancellationToken);
        await target.SeenAsync(3);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        target.Open();
        var records = await run;

        Assert.Equal(7, records.Count(r => r.Reply.Status == LoadStatus.NotSent));
    }

    [Fact]
    public async Task MeasureAsync_KnownService_FindsItsThroughput()
    {
        var target = new QueueTarget(TimeSpan.FromMilliseconds(10));

        var found = await SaturationProbe.MeasureAsync(
            target, [1, 4], TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(500), 1000, TimeProvider.System, TestContext.Current.CancellationToken);

        // One server, at least 10 ms each: never above 100/s, and not a small part of it either.
        Assert.InRange(found, 20, 102);
    }

    private sealed class GatedTarget(int gate) : ILoadTarget
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _seen;

        public int Bodies => 3;

        public void Open() => _open.TrySetResult();

        public async Task SeenAsync(int count)
        {
            while (Volatile.Read(ref _seen) < count)
                await Task.Delay(1);
        }

        public async Task<LoadReply> SendAsync(int body, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _seen) >= gate)
                Open();
            await _open.Task;
            return new LoadReply(200, 0.5);
        }
    }

    private sealed class QueueTarget(TimeSpan service) : ILoadTarget, IDisposable
    {
        private readonly SemaphoreSlim _server = new(1);

        public int Bodies => 1;

        public void Dispose() => _server.Dispose();

        public async Task<LoadReply> SendAsync(int body, CancellationToken cancellationToken)
        {
            await _server.WaitAsync(cancellationToken);
            await Task.Delay(service, cancellationToken);
            _server.Release();
            return new LoadReply(200);
        }
    }
}

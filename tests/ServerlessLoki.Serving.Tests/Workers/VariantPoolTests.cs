using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Metrics;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Workers;

namespace ServerlessLoki.Serving.Tests.Workers;

public class VariantPoolTests
{
    [Fact]
    public void RowsToRun_NoDeadlineAndNoCompany_WaitsOneBatchTimeOnly()
    {
        var pool = new VariantPool(default, default, new VariantMetrics("p", "t", "v"))
        {
            Latency = new BatchLatency([1, 4], [10_000, 40_000]),
            ProfiledLatency = new BatchLatency([1], [10_000]),
            Receiver = new OneWaiting(),
            MaxBatch = 4,
            WaitBatch = 4,
        };
        Assert.Equal(0, pool.RowsToRun(1_000, 60_000_000, out var wakeUs));
        Assert.Equal(41_000, wakeUs);
        Assert.Equal(0, pool.RowsToRun(20_000, 60_000_000, out wakeUs));
        Assert.Equal(41_000, wakeUs);
        Assert.Equal(1, pool.RowsToRun(41_000, 60_000_000, out _));
    }

    private sealed class OneWaiting : IStageReceiver
    {
        public int Count => 1;

        public long HeadOrderUs => 60_000_000;

        public void Take(int max, ICollection<StageItem> into) => throw new NotSupportedException();

        public ValueTask CompleteAsync(StageItem item, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask AbandonAsync(StageItem item, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

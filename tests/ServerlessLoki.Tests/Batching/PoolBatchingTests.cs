using ServerlessLoki.Batching;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.Batching;

public class PoolBatchingTests
{
    private const long FarUs = 60_000_000;
    private static readonly BatchLatency Latency = new([1, 4], [10_000, 40_000]);

    [Fact]
    public void RowsToRun_NoCompanyComes_WaitsOneBatchTimeOnly()
    {
        long? since = null;
        Assert.Equal(0, Rows(1, 1_000, FarUs, ref since, out var wakeUs));
        Assert.Equal((41_000, 1_000), (wakeUs, since));
        Assert.Equal(0, Rows(1, 20_000, FarUs, ref since, out wakeUs));
        Assert.Equal(41_000, wakeUs);
        Assert.Equal(1, Rows(1, 41_000, FarUs, ref since, out _));
        Assert.Null(since);
    }

    [Fact]
    public void RowsToRun_EmptyQueue_DoesNotBeginToWait()
    {
        long? since = null;
        Assert.Equal(0, Rows(0, 1_000, FarUs, ref since, out var wakeUs));
        Assert.Equal((long.MaxValue, null), (wakeUs, since));
    }

    [Fact]
    public void RowsToRun_DeadlineComesFirst_RunsForIt()
    {
        long? since = null;
        Assert.Equal(0, Rows(1, 0, 30_000, ref since, out var wakeUs));
        Assert.Equal(20_000, wakeUs);
        Assert.Equal(1, Rows(1, 20_000, 30_000, ref since, out _));
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(150, 2)]
    [InlineData(1000, 4)]
    public void BatchNeeded_Load_IsTheSmallestThatCarriesIt(double loadQps, int expected) =>
        Assert.Equal(expected, PoolBatching.BatchNeeded(1, 4, loadQps, new BatchLatency([1, 4], [10_000, 16_000]), 1));

    private static int Rows(int queued, long nowUs, long latestFinishUs, ref long? since, out long wakeUs) =>
        PoolBatching.RowsToRun(queued, nowUs, latestFinishUs, waitBatch: 4, maxBatch: 4, Latency, ref since, out wakeUs);
}

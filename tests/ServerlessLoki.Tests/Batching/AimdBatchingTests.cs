using ServerlessLoki.Batching;

namespace ServerlessLoki.Tests.Batching;

public sealed class AimdBatchingTests
{
    [Fact]
    public void Decide_Start_RunsOneByOne() => Assert.Equal(BatchDecision.Run(1), new AimdBatching().Decide(5, 0, 8));

    [Fact]
    public void Ended_InTime_OneMoreUpToThePlannedSize()
    {
        var batcher = new AimdBatching();
        var sizes = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            batcher.Ended(hadLate: false, maxBatch: 4);
            sizes.Add(batcher.Size);
        }

        Assert.Equal([2, 3, 4, 4, 4], sizes);
    }

    [Fact]
    public void Ended_Late_ATenthLessDownToOne()
    {
        var batcher = Grown(10);

        batcher.Ended(hadLate: true, 16);
        Assert.Equal(9, batcher.Size);
        for (var i = 0; i < 50; i++)
            batcher.Ended(hadLate: true, 16);
        Assert.Equal(1, batcher.Size);
    }

    [Fact]
    public void Decide_PartialBatch_WaitsOnceAndThenRunsWhatIsThere()
    {
        var batcher = Grown(4);

        Assert.Equal(BatchDecision.Wait(AimdBatching.PartialWaitUs), batcher.Decide(1, 0, 8));
        Assert.Equal(BatchDecision.Wait(AimdBatching.PartialWaitUs), batcher.Decide(2, 1500, 8));
        Assert.Equal(BatchDecision.Run(2), batcher.Decide(2, AimdBatching.PartialWaitUs, 8));
        batcher.Started();
        Assert.Equal(BatchDecision.Wait(9000 + AimdBatching.PartialWaitUs), batcher.Decide(1, 9000, 8));
    }

    [Fact]
    public void Decide_QueueThatRanEmpty_ForgetsHowLongTheLastOneWaited()
    {
        var batcher = Grown(4);

        batcher.Decide(1, 0, 8);
        batcher.Decide(0, 1000, 8);

        Assert.Equal(BatchDecision.Wait(5000 + AimdBatching.PartialWaitUs), batcher.Decide(1, 5000, 8));
    }

    [Fact]
    public void Decide_PlanWithSmallerBatches_NeverRunsMore() => Assert.Equal(BatchDecision.Run(2), Grown(8).Decide(9, 0, 2));

    private static AimdBatching Grown(int size)
    {
        var batcher = new AimdBatching();
        while (batcher.Size < size)
            batcher.Ended(hadLate: false, size);
        return batcher;
    }
}

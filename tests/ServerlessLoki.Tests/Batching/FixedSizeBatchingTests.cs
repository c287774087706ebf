using ServerlessLoki.Batching;

namespace ServerlessLoki.Tests.Batching;

public sealed class FixedSizeBatchingTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 3)]
    [InlineData(9, 4)]
    public void Decide_AnyQueue_NeverWaitsWithWork(int queued, int size) =>
        Assert.Equal(queued == 0 ? BatchDecision.Wait(long.MaxValue) : BatchDecision.Run(size), FixedSizeBatching.Decide(queued, 4));
}

using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Tests.Protocol;

public sealed class JitterTests
{
    [Fact]
    public void Of_SameKeyAndTurn_IsTheSame()
    {
        Assert.Equal(Jitter.Of("run", 3), Jitter.Of("run", 3));
        Assert.NotEqual(Jitter.Of("run", 3), Jitter.Of("run", 4));
        Assert.NotEqual(Jitter.Of("run", 3), Jitter.Of("run2", 3));
    }

    [Fact]
    public void Of_KeysThatFollowEachOther_FillEveryTenth()
    {
        var counts = Enumerable.Range(0, 10_000).Select(i => Jitter.Of($"0HNBC8:{i:00000000}")).CountBy(share => (int)(share * 10)).ToDictionary();

        Assert.Equal(10, counts.Count);
        // 1,000 each, six deviations of chance.
        Assert.All(counts.Values, count => Assert.InRange(count, 820, 1180));
    }
}

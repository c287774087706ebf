using ServerlessLoki.Batching;

namespace ServerlessLoki.Tests.Batching;

public sealed class EarlyDropTests
{
    [Theory]
    [InlineData(15_000, false)]
    [InlineData(14_999, true)]
    public void IsHopeless_FastestWayBelow_Decides(long deadlineUs, bool hopeless) =>
        Assert.Equal(hopeless, EarlyDrop.IsHopeless(deadlineUs, 0, 10_000, 5_000));
}

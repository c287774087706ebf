using ServerlessLoki.Routing;

namespace ServerlessLoki.Tests.Routing;

public class LateRowTests
{
    private const long DeadlineUs = 1_000_000;

    [Theory]
    [InlineData(0, 0, RowFate.Runs)]
    [InlineData(700_000, 200_000, RowFate.Runs)]
    [InlineData(900_000, 200_000, RowFate.Dropped)]
    [InlineData(995_000, 0, RowFate.Dropped)]
    public void Decide_NobodyElse_RunsWhileItsPathStillFits(long nowUs, double belowUs, RowFate fate) =>
        Assert.Equal(fate, Row(belowUs).Decide(nowUs, rescues: false, drops: true, new Elsewhere()));

    [Theory]
    [InlineData(0, RowFate.Runs)]
    [InlineData(900_000, RowFate.Runs)]
    [InlineData(995_000, RowFate.Dropped)]
    public void Decide_NobodyRunsATaskBelow_IsNotLateForThat(long nowUs, RowFate fate) =>
        Assert.Equal(fate, Row(double.PositiveInfinity).Decide(nowUs, rescues: false, drops: true, new Elsewhere()));

    [Fact]
    public void Decide_NobodyRunsATaskBelow_IsNotStrandedForThat() =>
        Assert.Equal(RowFate.Runs, Row(double.PositiveInfinity).Decide(0, rescues: true, drops: true, new Elsewhere(Fastest: true)));

    [Fact]
    public void Decide_AnotherCanMakeIt_IsSentThere() =>
        Assert.Equal(RowFate.Sent, Row(200_000).Decide(900_000, rescues: false, drops: true, new Elsewhere(Timely: true)));

    private static LateRow Row(double belowUs) => new(0, DeadlineUs, 10_000, belowUs, IsRoot: true);

    private readonly record struct Elsewhere(bool Fastest = false, bool Timely = false) : ILateRow
    {
        public bool TrySendToFastest() => Fastest;

        public bool TrySendToTimely() => Timely;
    }
}

using ServerlessLoki.Batching;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Tests.Batching;

public sealed class StageBudgetsTests
{
    private static readonly RouteOption Option = new(
        0, 1, 100, 50, 4, LatencyUs: 30_000, SingleUs: 10_000, MinBelowUs: 5_000, PlannedBelowUs: 20_000, Replicas: 1);

    [Fact]
    public void LatestFinishUs_TimeLeft_KeepsTwiceThePlannedTimeBelow() =>
        Assert.Equal(160_000, StageBudgets.LatestFinishUs(Option, 200_000, 0));

    [Fact]
    public void LatestFinishUs_Late_TakesFromTheReserveBelow() =>
        Assert.Equal(130_000, StageBudgets.LatestFinishUs(Option, 150_000, 100_000));

    [Fact]
    public void LatestFinishUs_VeryLate_LeavesTheLeastTimeBelow() =>
        Assert.Equal(115_000, StageBudgets.LatestFinishUs(Option, 120_000, 100_000));

    [Fact]
    public void LatestFinishUs_Leaf_IsTheDeadline() =>
        Assert.Equal(200_000, StageBudgets.LatestFinishUs(Option with { MinBelowUs = 0, PlannedBelowUs = 0 }, 200_000, 0));

    [Theory]
    [InlineData(15_000, false)]
    [InlineData(14_999, true)]
    public void IsHopeless_FastestWayBelow_Decides(long deadlineUs, bool hopeless) =>
        Assert.Equal(hopeless, EarlyDrop.IsHopeless(deadlineUs, 0, 10_000, 5_000));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 3)]
    [InlineData(9, 4)]
    public void FixedSize_AnyQueue_NeverWaitsWithWork(int queued, int size) =>
        Assert.Equal(queued == 0 ? BatchDecision.Wait(long.MaxValue) : BatchDecision.Run(size), FixedSizeBatching.Decide(queued, 4));
}

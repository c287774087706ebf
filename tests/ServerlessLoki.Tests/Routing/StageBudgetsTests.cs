using ServerlessLoki.Routing;

namespace ServerlessLoki.Tests.Routing;

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
}

using ServerlessLoki.Cli.Evaluation;

namespace ServerlessLoki.Cli.Tests.Evaluation;

public sealed class EstimateTests
{
    [Fact]
    public void Mean_EightOfTen_HasWilsonsInterval()
    {
        var estimate = Estimate.Mean([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);

        Assert.Equal(0.8, estimate.Value, 9);
        Assert.Equal("0.490–0.943", estimate.Interval);
    }

    [Fact]
    public void Mean_AllRight_LeavesDoubtBelow()
    {
        var estimate = Estimate.Mean([1, 1, 1, 1]);

        Assert.Equal(1, estimate.High, 9);
        Assert.InRange(estimate.Low, 0.5, 0.52);
    }
}

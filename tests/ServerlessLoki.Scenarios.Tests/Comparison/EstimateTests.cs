using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Scenarios.Tests.Comparison;

public sealed class EstimateTests
{
    [Fact]
    public void Confidence95_FiveValues_AsStudent()
    {
        var estimate = new Estimate([1, 2, 3, 4, 5]);

        Assert.Equal(3, estimate.Mean);
        // s = √2.5, t(4) = 2.776.
        Assert.Equal(2.776 * Math.Sqrt(2.5 / 5), estimate.Confidence95, 12);
    }

    [Fact]
    public void Confidence95_ManyValues_AsNormal() =>
        Assert.Equal(1.96 * Math.Sqrt(0.25 * 40 / 39 / 40), new Estimate([.. Enumerable.Range(0, 40).Select(i => (double)(i % 2))]).Confidence95, 12);

    [Fact]
    public void Mean_SeedsWithoutValue_AreLeftOut()
    {
        var estimate = new Estimate([double.NaN, 2, 4]);

        Assert.Equal((3, 3), (estimate.Mean, estimate.Values.Length));
    }

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new[] { double.NaN })]
    public void Mean_Nothing_IsNaN(double[] values) => Assert.True(double.IsNaN(new Estimate([.. values]).Mean));

    [Fact]
    public void Confidence95_OneValue_IsNaN() => Assert.True(double.IsNaN(new Estimate([1]).Confidence95));
}

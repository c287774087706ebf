using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Forecasting;

public sealed class FanOutEstimatorTests
{
    private static readonly ServerlessLoki.Pipelines.Pipeline Pipeline = Synthetic.Pipeline("p", 100, [-1, 0], 3);

    [Fact]
    public void Current_NothingSeen_Prior()
    {
        Assert.Equal(1, new FanOutEstimator(Pipeline).Current[0, 2]);
        Assert.Equal(7, new FanOutEstimator(Pipeline, new FanOut([[5, 6, 7]])).Current[0, 2]);
    }

    [Fact]
    public void Current_UnseenVariant_MeanOfItsSeenSiblings()
    {
        var estimator = new FanOutEstimator(Pipeline, memory: 1e9);
        estimator.Observe(0, 0, 100, 200);
        estimator.Observe(0, 1, 300, 1800);

        Assert.Equal(2, estimator.Current[0, 0], 1e-6);
        Assert.Equal(6, estimator.Current[0, 1], 1e-6);
        Assert.Equal(5, estimator.Current[0, 2], 1e-6);
    }

    [Fact]
    public void Current_UnseenVariantWithPrior_IsCorrectedAsItsSiblingsAre()
    {
        var estimator = new FanOutEstimator(Pipeline, new FanOut([[2, 14, 18]]), memory: 1e9);
        estimator.Observe(0, 0, 700, 1400);
        estimator.Observe(0, 1, 100, 1400);

        // Rows of the weak detector say nothing about how many the strong one finds.
        Assert.Equal(18, estimator.Current[0, 2], 1e-6);

        estimator.Observe(0, 0, 0, 0);
        estimator.Observe(0, 1, 100, 4200);

        Assert.InRange(estimator.Current[0, 2], 27, 45);
    }

    [Fact]
    public void Observe_ManyParents_ForgetsTheOldFactor()
    {
        var estimator = new FanOutEstimator(Pipeline, memory: 100);
        estimator.Observe(0, 0, 1000, 1000);
        for (var i = 0; i < 10; i++)
            estimator.Observe(0, 0, 100, 400);

        Assert.Equal(4, estimator.Current[0, 0], 0.05);
    }

    [Fact]
    public void Observe_QuietPeriod_ForgetsNothing()
    {
        var estimator = new FanOutEstimator(Pipeline, memory: 100);
        estimator.Observe(0, 0, 50, 150);
        for (var i = 0; i < 1000; i++)
            estimator.Observe(0, 0, 0, 0);

        Assert.Equal(3, estimator.Current[0, 0], 1e-9);
    }

    [Fact]
    public void Variance_TooFewSeen_NotKnownOrAsBefore()
    {
        var estimator = new FanOutEstimator(Pipeline);
        estimator.Observe(0, 0, 49, 98, 392);
        estimator.Observe(0, 1, 1000, 2000);

        Assert.Null(estimator.Current.Variance(0, 0));
        Assert.Null(estimator.Current.Variance(0, 1));
        Assert.Equal(6, new FanOutEstimator(Pipeline, new FanOut([[2, 2, 2]], [[5, 6, 7]])).Current.Variance(0, 1));
    }

    [Fact]
    public void Variance_CountsSeen_IsTheirs()
    {
        var estimator = new FanOutEstimator(Pipeline, memory: 1e9);
        // Half of the queries have none, half have four; then all have three.
        estimator.Observe(0, 0, 100, 200, 800);
        estimator.Observe(0, 1, 100, 300, 900);

        Assert.Equal(4, estimator.Current.Variance(0, 0)!.Value, 1e-5);
        Assert.Equal(0, estimator.Current.Variance(0, 1)!.Value, 1e-5);
    }

    [Fact]
    public void Variance_UnseenVariant_GrowsWithTheSquareOfItsMeanAsItsSiblingsDoes()
    {
        var estimator = new FanOutEstimator(Pipeline, new FanOut([[2, 4, 6]]), memory: 1e9);
        // Geometric: mean 2, variance 2 + 2².
        estimator.Observe(0, 0, 1000, 2000, 10_000);

        Assert.Equal(6, estimator.Current.Variance(0, 0)!.Value, 1e-4);
        Assert.Equal(4 + 16, estimator.Current.Variance(0, 1)!.Value, 1e-4);
        Assert.Equal(6 + 36, estimator.Current.Variance(0, 2)!.Value, 1e-4);
    }
}

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
}

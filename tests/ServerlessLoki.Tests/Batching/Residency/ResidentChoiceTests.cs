using ServerlessLoki.Batching.Residency;

namespace ServerlessLoki.Tests.Batching.Residency;

public sealed class ResidentChoiceTests
{
    // Four buckets keep 24 (v0 b8), 36 (v1 b2), 48 (v1 b4) and 72 (v1 b8).
    [Theory]
    [InlineData(1000, "v1 b8")]
    [InlineData(72, "v1 b8")]
    [InlineData(71.9, "v1 b4")]
    [InlineData(47, "v1 b2")]
    [InlineData(36, "v1 b2")]
    [InlineData(35, "v0 b8")]
    [InlineData(24, "v0 b8")]
    // Below the first bucket's pair fewer rows still save the head.
    [InlineData(23, "v0 b4")]
    [InlineData(10, "v0 b1")]
    // Nothing saves it: throughput.
    [InlineData(9, "v0 b8")]
    [InlineData(-5, "v0 b8")]
    public void For_SlackFit_LongestBucketWithinTheSlack(double slackUs, string expected) =>
        Assert.Equal(expected, new ResidentChoice(ResidentRule.SlackFit, Pairs.Both, 4).For(slackUs).Text());

    [Theory]
    [InlineData(72, "v1 b8")]
    [InlineData(71, "v1 b4")]
    [InlineData(30, "v1 b1")]
    [InlineData(29, "v0 b8")]
    [InlineData(15, "v0 b2")]
    [InlineData(9, "v0 b8")]
    public void For_MaxAccuracy_MostAccurateThenLargestBatch(double slackUs, string expected) =>
        Assert.Equal(expected, new ResidentChoice(ResidentRule.MaxAccuracy, Pairs.Both, 1).For(slackUs).Text());

    [Theory]
    [InlineData(72, "v1 b8")]
    [InlineData(71, "v0 b8")]
    [InlineData(24, "v0 b8")]
    [InlineData(23, "v0 b4")]
    [InlineData(9, "v0 b8")]
    public void For_MaxBatch_LargestBatchThenMostAccurate(double slackUs, string expected) =>
        Assert.Equal(expected, new ResidentChoice(ResidentRule.MaxBatch, Pairs.Both, 1).For(slackUs).Text());

    [Theory]
    [InlineData(48, 0.8, "v1 b4")]
    [InlineData(35, 0.8, "v1 b1")]
    // None in time: the shortest that is accurate enough.
    [InlineData(15, 0.8, "v1 b1")]
    [InlineData(15, 0.7, "v0 b2")]
    // None accurate enough: the most accurate.
    [InlineData(15, 0.95, "v1 b1")]
    public void For_LeastAccuracy_OnlyVariantsThatReachIt(double slackUs, double minAccuracy, string expected) =>
        Assert.Equal(expected, new ResidentChoice(ResidentRule.SlackFit, Pairs.Both, 4).For(slackUs, minAccuracy).Text());

    [Fact]
    public void Accuracy_EvenLoad_BestMixOfTwoPairs()
    {
        // Per row v0 takes 3 at batch 8, v1 takes 9.
        Assert.Equal(0.9, ResidentMix.Accuracy(Pairs.Both, double.PositiveInfinity), 12);
        Assert.Equal(0.9, ResidentMix.Accuracy(Pairs.Both, 9), 12);
        Assert.Equal(0.8, ResidentMix.Accuracy(Pairs.Both, 6), 12);
        Assert.Equal(0.7, ResidentMix.Accuracy(Pairs.Both, 3), 12);
        Assert.Equal(0.7, ResidentMix.Accuracy(Pairs.Both, 1), 12);
    }
}

using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.Batching.Residency;

public sealed class ResidentPairsTests
{
    [Fact]
    public void Of_TwoVariants_AllPairsByLatency()
    {
        Assert.Equal(["v0 b1", "v0 b2", "v0 b4", "v0 b8", "v1 b1", "v1 b2", "v1 b4", "v1 b8"], Pairs.Both.Select(p => p.Text()));
        Assert.Equal([10, 12, 16, 24, 30, 36, 48, 72], Pairs.Both.Select(p => p.LatencyUs));
        Assert.Equal([0.7, 0.7, 0.7, 0.7, 0.9, 0.9, 0.9, 0.9], Pairs.Both.Select(p => p.Accuracy));
    }

    [Fact]
    public void Of_PairThatIsWorseInAll_LeftOut()
    {
        // Slower and less accurate than the small one, but for batches of 8.
        var odd = new ResidentVariant(0.6, new BatchLatency([1, 2, 4, 8], [11, 13, 17, 20]));

        Assert.Equal(["v0 b1", "v0 b2", "v0 b4", "v2 b8", "v0 b8", "v1 b1", "v1 b2", "v1 b4", "v1 b8"], ResidentPairs.Of([Pairs.Small, Pairs.Large, odd], 8, 100).Select(p => p.Text()));
    }

    [Fact]
    public void Of_EqualVariants_TheFirstOneStays()
    {
        var pairs = ResidentPairs.Of([Pairs.Small, Pairs.Small], 2, 100);

        Assert.Equal("v0 b1", pairs[0].Text());
    }

    [Theory]
    [InlineData(8, 36, "v0 b1, v0 b2, v0 b4, v0 b8, v1 b1, v1 b2")]
    [InlineData(2, 100, "v0 b1, v0 b2, v1 b1, v1 b2")]
    [InlineData(8, 5, "v0 b1")]
    public void Of_Limits_WhatIsTooLargeOrTooLongIsLeftOut(int maxBatch, double objectiveUs, string expected) =>
        Assert.Equal(expected, string.Join(", ", ResidentPairs.Of([Pairs.Small, Pairs.Large], maxBatch, objectiveUs).Select(p => p.Text())));

    [Fact]
    public void Of_ProfileBeginsAboveTheLargestBatch_TheVariantStillRuns()
    {
        var pair = Assert.Single(ResidentPairs.Of([new ResidentVariant(0.7, new BatchLatency([4], [16]))], 2, 100));

        Assert.Equal(("v0 b2", 16), (pair.Text(), pair.LatencyUs));
    }
}

using ServerlessLoki.Batching.Residency;

namespace ServerlessLoki.Tests.Batching.Residency;

/// <summary>Buckets worked out by hand: latencies reach from 10 to 72.</summary>
public sealed class SlackFitBucketsTests
{
    [Theory]
    // Width 62: of the largest batches the more accurate.
    [InlineData(1, "v1 b8")]
    // Width 31: [10, 41) and [41, 72].
    [InlineData(2, "v0 b8, v1 b8")]
    // Width 15.5: [10, 25.5), [25.5, 41), [41, 56.5), [56.5, 72].
    [InlineData(4, "v0 b8, v1 b2, v1 b4, v1 b8")]
    // Width 7.75: 10 12 16 | 24 | 30 | 36 | – | 48 | – | 72: borders at 17.75, 25.5, 33.25, 41, 48.75, 56.5, 64.25.
    [InlineData(8, "v0 b4, v0 b8, v1 b1, v1 b2, v1 b4, –, –, v1 b8")]
    public void Of_TwoVariants_LargestBatchOfEachBucket(int buckets, string expected) =>
        Assert.Equal(expected, string.Join(", ", SlackFitBuckets.Of(Pairs.Both, buckets).Select(p => p?.Text() ?? "–")));

    [Fact]
    public void Of_EqualBatchesInABucket_TheMostAccurateIsKept()
    {
        var pairs = ResidentPairs.Of([Pairs.Small, Pairs.Large], 8, 100).RemoveAll(p => p.Batch != 8);

        Assert.Equal("v1 b8", SlackFitBuckets.Of(pairs, 1)[0]!.Value.Text());
    }

    [Fact]
    public void Of_OnePair_TheFirstBucketHasIt()
    {
        var buckets = SlackFitBuckets.Of([Pairs.Both[0]], 3);

        Assert.Equal(["v0 b1", null, null], buckets.Select(p => p?.Text()));
    }
}

namespace ServerlessLoki.Samples.Tests;

public sealed class SceneRandomTests
{
    [Fact]
    public void NextBits_ReferenceSeed_GivesSplitMix64Sequence()
    {
        var random = new SceneRandom(1234567);

        Assert.Equal(6457827717110365317UL, random.NextBits());
        Assert.Equal(3203168211198807973UL, random.NextBits());
        Assert.Equal(9817491932198370423UL, random.NextBits());
    }

    [Fact]
    public void Weighted_ManyDraws_FollowsTheWeights()
    {
        var random = new SceneRandom(7);
        var counts = new int[3];

        for (var i = 0; i < 10_000; i++)
        {
            counts[random.Weighted([1, 0, 3])]++;
        }

        Assert.Equal(0, counts[1]);
        Assert.InRange(counts[2], 7_300, 7_700);
    }
}

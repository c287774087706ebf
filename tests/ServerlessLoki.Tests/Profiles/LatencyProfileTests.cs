using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.Profiles;

public class LatencyProfileTests
{
    private static readonly LatencyProfile Profile = new([Row("a", 1), Row("a", 4), Row("b", 1), Row("b", 4), Row("c", 8), Row("c", 16)]);

    [Fact]
    public void Within_BatchesThatAVariantDoesNotTake_AreLeftOut()
    {
        var within = Profile.Within(v => v == "a" ? 1 : null);
        Assert.Equal([1], within.Find("a", "cpu")!.Batches.ToArray());
        Assert.Equal([1, 4], within.Find("b", "cpu")!.Batches.ToArray());
    }

    [Fact]
    public void Within_NoBatchOfAVariantIsSmallEnough_ItsSmallestStandsForTheLimit()
    {
        var latency = Profile.Within(v => v == "c" ? 2 : null).Find("c", "cpu")!;
        Assert.Equal([2], latency.Batches.ToArray());
        Assert.Equal(8000, latency.LatencyUs(2));
    }

    [Fact]
    public void Within_NothingIsTooLarge_IsTheSameProfile() => Assert.Same(Profile, Profile.Within(_ => 16));

    private static ProfileRow Row(string variant, int batch) => new(variant, "cpu", batch, batch, batch, batch, batch);
}

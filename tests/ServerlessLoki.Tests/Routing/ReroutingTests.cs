using ServerlessLoki.Planning;
using ServerlessLoki.Routing;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Routing;

public sealed class ReroutingTests
{
    // Variants 0 to 3 take 2, 4, 8, 16 ms for one row; all run with batch 1 on two slots each.
    private static RoutingTable Table(double loadQps = 10)
    {
        var problem = Synthetic.Problem(loadQps, 8, -1);
        return RoutingTable.Build(problem, new Plan
        {
            Policy = "test",
            Slots = [.. Enumerable.Range(0, 4).Select(v => new SlotGroup(0, 0, v, 0, 1, 2, 2 * 500.0 / (1 << v), 0, 2000 << v))],
            Flows = [],
            ServedShare = [1],
            Accuracy = 1,
            DemandQps = [loadQps],
            Proof = new PlanProof(0, 0, "given", 0, "test"),
        });
    }

    [Theory]
    [InlineData(100_000, 3)]
    [InlineData(24_000, 3)] // 16 ms to run and 8 ms until one of two slots is free
    [InlineData(23_999, 2)]
    [InlineData(12_000, 2)]
    [InlineData(11_999, 1)]
    [InlineData(3_000, 0)]
    [InlineData(2_999, 0)] // no comfort left, but a single run still fits
    [InlineData(2_000, 0)]
    [InlineData(1_999, -1)]
    [InlineData(-5, -1)]
    public void Choose_SlackShrinks_MostAccurateThatFits(long slackUs, int expected) =>
        Assert.Equal(expected, Rerouting.Choose(Table(), 0, -1, 3, slackUs, 0));

    [Fact]
    public void Choose_SlackFitsNormalVariant_KeepsItEvenIfAMoreAccurateOneFits() =>
        Assert.Equal(1, Rerouting.Choose(Table(), 0, -1, 1, 100_000, 0));

    [Fact]
    public void Choose_NoVariantFitsTheAccuracyBound_Drops() =>
        Assert.Equal(-1, Rerouting.Choose(Table(), 0, -1, 3, 10_000, 0.95));

    [Fact]
    public void Choose_NextVariantIsFull_SkipsItForOneWithSpareCapacity()
    {
        // 125 q/s fill variant 3, 250 more fill variant 2, so a late query goes on to variant 1.
        var table = Table(375);

        Assert.Equal(1, Rerouting.Choose(table, 0, -1, 3, 20_000, 0));
    }

    [Theory]
    [InlineData(100_000, 2)]
    [InlineData(7_999, 1)]
    [InlineData(3_999, 0)]
    [InlineData(1_999, -1)]
    public void ToTimely_OwnVariantIsLate_MostAccurateOtherThatMakesIt(long slackUs, int expected) =>
        Assert.Equal(expected, Rerouting.ToTimely(Table(), 0, 0, 3, slackUs, 0));

    [Theory]
    [InlineData(3, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 0, -1)] // nothing is twice as fast
    [InlineData(3, 2, -1)] // nor accurate enough
    public void ToFastest_IsAtLeastTwiceAsFastAsTheOwn(int variant, double minAccuracy, int expected) =>
        Assert.Equal(expected, Rerouting.ToFastest(Table(), 0, 0, variant, minAccuracy));
}

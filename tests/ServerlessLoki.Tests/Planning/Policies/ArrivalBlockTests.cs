using System.Collections.Immutable;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Planning.Policies.Unified;

namespace ServerlessLoki.Tests.Planning.Policies;

public sealed class ArrivalBlockTests
{
    private const int Seconds = 60;

    [Theory]
    [InlineData(0.2)]
    [InlineData(20)]
    [InlineData(300)]
    public void Of_AnyRate_GivesEachArrivalOnceInItsTime(double qps)
    {
        var seen = Seen(_ => qps);
        var blocks = Blocks(seen, 200);

        Assert.Equal(Enumerable.Range(0, seen.Length), blocks.Reverse().SelectMany(b => Enumerable.Range(b.First, b.Count)));
        Assert.All(blocks, b => Assert.All(
            Enumerable.Range(b.First, b.Count), i => Assert.InRange(seen[i].AtUs, b.FromUs, b.ToUs)));
    }

    [Fact]
    public void Of_OneRate_JoinsUpToTheSizeAskedFor()
    {
        // 60 in two seconds: three stretches make 180, four would make 240.
        Assert.All(Blocks(Seen(_ => 30), 200).SkipLast(1), b => Assert.InRange(b.Count, 175, 185));
        Assert.All(Blocks(Seen(_ => 300), 200), b => Assert.InRange(b.Count, 595, 605));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2.14)]
    [InlineData(3.3)]
    [InlineData(5.9)]
    [InlineData(12.2)]
    public void Of_DemandFell_KeepsWhatCameBeforeApart(double seconds)
    {
        // 30 a second since then, 280 before.
        var blocks = Blocks(Seen(age => age < seconds ? 30 : 280), 200);
        var since = blocks.TakeWhile(b => b.FromUs >= ((Seconds - seconds) * 1e6) - 20_000).Sum(b => b.Count);

        Assert.InRange(since, (30 * seconds) - 3, (30 * seconds) + 6);
    }

    [Fact]
    public void Of_BurstsShorterThanAStretch_StayWithinBlocks()
    {
        // A fifth of a second at ten times the rate, in every one.
        var blocks = Blocks(Seen(age => age % 1 < 0.2 ? 150 : 15), 200);

        Assert.All(blocks.SkipLast(1), b => Assert.InRange(b.Count, 160, 250));
    }

    private static ImmutableArray<ArrivalBlock> Blocks(ImmutableArray<Arrival> seen, int least) =>
        [.. ArrivalBlock.Of(seen, 0, Seconds * 1_000_000, least)];

    // Evenly spaced at the rate of their time, by seconds before now.
    private static ImmutableArray<Arrival> Seen(Func<double, double> rateByAge)
    {
        var arrivals = ImmutableArray.CreateBuilder<Arrival>();
        for (var at = 0.0; at < Seconds; at += 1 / rateByAge(Seconds - at))
            arrivals.Add(new Arrival((long)(at * 1e6)));
        return arrivals.ToImmutable();
    }
}

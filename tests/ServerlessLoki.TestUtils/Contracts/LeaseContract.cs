using ServerlessLoki.Serving.Ports;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>What every store of leases promises.</summary>
public abstract class LeaseContract : StoreContract
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Claims_AreExclusiveUntilTheyLapse()
    {
        var (one, two, three) = (It.Store, It.Another(), It.Another());
        Assert.True(await one.ClaimAsync("p", "one", Noon, Ten, Token));
        Assert.False(await two.ClaimAsync("p", "two", Noon.AddSeconds(9), Ten, Token));
        Assert.True(await one.ClaimAsync("p", "one", Noon.AddSeconds(9), Ten, Token));
        Assert.False(await two.ClaimAsync("p", "two", Noon.AddSeconds(12), Ten, Token));
        Assert.True(await two.ClaimAsync("p", "two", Noon.AddSeconds(19), Ten, Token));
        Assert.False(await one.ClaimAsync("p", "one", Noon.AddSeconds(20), Ten, Token));
        await one.ReleaseAsync("p", "one", Token);
        Assert.False(await three.ClaimAsync("p", "three", Noon.AddSeconds(20), Ten, Token));
        await two.ReleaseAsync("p", "two", Token);
        Assert.True(await three.ClaimAsync("p", "three", Noon.AddSeconds(20), Ten, Token));
    }

    [Fact]
    public async Task Claim_TwentyAtOnce_OneWins()
    {
        var held = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => It.Another().ClaimAsync("traffic/detect/n/cpu/0", $"{i}", Noon, Ten, Token).AsTask()));
        Assert.Single(held, h => h);
        Assert.Equal($"{Array.IndexOf(held, true)}", Assert.Single(await It.Store.LeasesAsync("", Noon, Token)).Owner);
        // The same when it lapses.
        held = await Task.WhenAll(Enumerable.Range(20, 20).Select(i => It.Another().ClaimAsync("traffic/detect/n/cpu/0", $"{i}", Noon + Ten, Ten, Token).AsTask()));
        Assert.Single(held, h => h);
    }

    [Fact]
    public async Task Leases_ByPrefix_AreThoseThatHold()
    {
        var second = TimeSpan.FromSeconds(1);
        await It.Store.ClaimAsync("worker/cpu/2", "b", Noon, second, Token);
        await It.Store.ClaimAsync("worker/cpu/1", "a", Noon, 2 * second, Token);
        await It.Store.ClaimAsync("worker/cpus/1", "a", Noon, 2 * second, Token);
        await It.Store.ClaimAsync("slot/1", "a", Noon, second, Token);
        PlaceLease[] both = [new("worker/cpu/1", "a", Noon + (2 * second)), new("worker/cpu/2", "b", Noon + second)];
        Assert.Equal(both, await It.Store.LeasesAsync("worker/cpu/", Noon, Token));
        Assert.Equal(both[..1], await It.Store.LeasesAsync("worker/cpu/", Noon + second, Token));
        Assert.Equal(3, (await It.Store.LeasesAsync("work", Noon, Token)).Count);
        await It.Store.ReleaseAsync("worker/cpu/1", "a", Token);
        Assert.Equal(["slot/1", "worker/cpu/2", "worker/cpus/1"], (await It.Store.LeasesAsync("", Noon, Token)).Select(l => l.Place));
    }
}

using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class LeaseTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);
    private StoreUnderTest _it = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _it = await CreateAsync(azurite);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Claims_AreExclusiveUntilTheyLapse()
    {
        var (one, two, three) = (_it.Store, _it.Another(), _it.Another());
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
        var held = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _it.Another().ClaimAsync("traffic/detect/n/cpu/0", $"{i}", Noon, Ten, Token).AsTask()));
        Assert.Single(held, h => h);
        Assert.Equal($"{Array.IndexOf(held, true)}", Assert.Single(await _it.Store.LeasesAsync("", Noon, Token)).Owner);
        // The same when it lapses.
        held = await Task.WhenAll(Enumerable.Range(20, 20).Select(i => _it.Another().ClaimAsync("traffic/detect/n/cpu/0", $"{i}", Noon + Ten, Ten, Token).AsTask()));
        Assert.Single(held, h => h);
    }

    [Fact]
    public async Task Leases_ByPrefix_AreThoseThatHold()
    {
        var second = TimeSpan.FromSeconds(1);
        await _it.Store.ClaimAsync("worker/cpu/2", "b", Noon, second, Token);
        await _it.Store.ClaimAsync("worker/cpu/1", "a", Noon, 2 * second, Token);
        await _it.Store.ClaimAsync("worker/cpus/1", "a", Noon, 2 * second, Token);
        await _it.Store.ClaimAsync("slot/1", "a", Noon, second, Token);
        PlaceLease[] both = [new("worker/cpu/1", "a", Noon + (2 * second)), new("worker/cpu/2", "b", Noon + second)];
        Assert.Equal(both, await _it.Store.LeasesAsync("worker/cpu/", Noon, Token));
        Assert.Equal(both[..1], await _it.Store.LeasesAsync("worker/cpu/", Noon + second, Token));
        Assert.Equal(3, (await _it.Store.LeasesAsync("work", Noon, Token)).Count);
        await _it.Store.ReleaseAsync("worker/cpu/1", "a", Token);
        Assert.Equal(["slot/1", "worker/cpu/2", "worker/cpus/1"], (await _it.Store.LeasesAsync("", Noon, Token)).Select(l => l.Place));
    }

    [Fact]
    public async Task DeleteExpired_LeavesWhatHolds()
    {
        await _it.Store.ClaimAsync("a/1", "x", Noon, Ten, Token);
        await _it.Store.ClaimAsync("a/2", "x", Noon + Ten, Ten, Token);
        Assert.Equal(1, await _it.Store.DeleteExpiredLeasesAsync(Noon.AddSeconds(15), Token));
        Assert.Equal(1, await _it.RowsAsync("Leases"));
        Assert.True(await _it.Store.ClaimAsync("a/1", "x", Noon.AddSeconds(15), Ten, Token));
        Assert.False(await _it.Another().ClaimAsync("a/2", "y", Noon.AddSeconds(15), Ten, Token));
    }

    [Fact]
    public async Task Heartbeat_IsOneCall()
    {
        var faults = new Doubles.Faults();
        var store = (await CreateAsync(azurite, faults.Transport())).Store;
        Assert.True(await store.ClaimAsync("p", "one", Noon, Ten, Token));
        var before = faults.Requests;
        for (var i = 1; i <= 10; i++)
            Assert.True(await store.ClaimAsync("p", "one", Noon.AddSeconds(i), Ten, Token));
        Assert.Equal(10, faults.Requests - before);
    }
}

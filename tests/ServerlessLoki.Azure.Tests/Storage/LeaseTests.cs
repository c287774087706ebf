using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class LeaseTests(AzuriteFixture azurite) : LeaseContract
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await CreateAsync(azurite);

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

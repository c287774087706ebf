using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Nats.Tests.Storage;

public sealed class NatsLeasesTests(NatsFixture nats) : LeaseContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await StoreUnderTest.CreateAsync(nats);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _it.DisposeAsync();
    }

    [Fact]
    public async Task Release_ByItsOwnerOnly_FreesThePlace()
    {
        await _it.Store.ClaimAsync("worker/cpu/1", "a", Noon, TimeSpan.FromSeconds(1), Token);
        await _it.Another().ReleaseAsync("worker/cpu/1", "b", Token);
        Assert.Single(await _it.Store.LeasesAsync("worker/", Noon, Token));
        await _it.Another().ReleaseAsync("worker/cpu/1", "a", Token);
        Assert.Empty(await _it.Store.LeasesAsync("worker/", DateTimeOffset.MinValue, Token));
        Assert.True(await _it.Another().ClaimAsync("worker/cpu/1", "b", Noon, TimeSpan.FromSeconds(1), Token));
        Assert.False(await _it.Store.ClaimAsync("worker/cpu/1", "a", Noon, TimeSpan.FromSeconds(1), Token));
    }
}

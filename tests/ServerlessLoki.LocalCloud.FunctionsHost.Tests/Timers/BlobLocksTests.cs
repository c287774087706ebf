using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;
using ServerlessLoki.LocalCloud.FunctionsHost.Timers;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Timers;

/// <summary>Leases of blobs in a real Azurite; pauses pass on a clock that the test moves.</summary>
public sealed class BlobLocksTests(TestCloud cloud)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lock_Held_IsNotGivenToAnotherUntilItIsReleased()
    {
        var (storage, id, time) = (await cloud.StorageAsync(), AzuriteFixture.UniqueName(), new FakeTimeProvider());
        var first = await Locks(storage, id, time).AcquireAsync("Tick", Stop);
        await using var other = await Locks(storage, id, time).AcquireAsync("Tock", Stop);
        var second = Locks(storage, id, time).AcquireAsync("Tick", Stop);
        // Renewed, it is still held.
        for (var i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(20, Stop);
        }

        Assert.False(second.IsCompleted);
        Assert.False(first.Lost.IsCancellationRequested);
        await first.DisposeAsync();
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(second.IsCompletedSuccessfully);
            },
            () => "the second has it");
        await (await second).DisposeAsync();
    }

    [Fact]
    public async Task Lock_WhoseLeaseIsBroken_IsLost()
    {
        var (storage, id, time) = (await cloud.StorageAsync(), AzuriteFixture.UniqueName(), new FakeTimeProvider());
        await using var held = await Locks(storage, id, time).AcquireAsync("Tick", Stop);
        var blob = new BlobClient(storage, "azure-webjobs-hosts", $"locks/{id}/Tick.Listener");
        await blob.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Stop);
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(5));
                return Task.FromResult(held.Lost.IsCancellationRequested);
            },
            () => "its loss is noticed");
    }

    private static BlobLocks Locks(string storage, string id, FakeTimeProvider time) => new(storage, id, time, NullLogger.Instance);
}

using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Azure.Tests.Doubles;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class PayloadTests(AzuriteFixture azurite) : PayloadContract
{
    protected override async ValueTask<IStoreUnderTest> OpenAsync() => await StoreUnderTest.CreateAsync(azurite);

    [Fact]
    public async Task Token_SaysVersionContainerAndDay()
    {
        var it = await StoreUnderTest.CreateAsync(azurite);
        var token = await it.Payloads.PutAsync(new byte[] { 1 }, Token);
        Assert.StartsWith($"blob:1:{it.Account.Options.PayloadContainer}/20261122/", token, StringComparison.Ordinal);
        // Any process that has the token finds it.
        Assert.Equal([1], await new BlobPayloadStore(it.Account).FindAsync(token, Token));
    }

    [Theory]
    [InlineData("sqlite:1:5")]
    [InlineData("blob:2:payloads/20261122/0123456789abcdef0123456789abcdef")]
    [InlineData("blob:1:other/20261122/0123456789abcdef0123456789abcdef")]
    [InlineData("blob:1:payloads/20261122/../0123456789abcdef0123456789abc")]
    [InlineData("blob:1:payloads/20261122/0123456789abcdef0123456789abcdef\n")]
    [InlineData("")]
    public async Task Token_OfAnother_IsRefused(string token)
    {
        var payloads = new BlobPayloadStore(StorageAccount.ConnectLocally("UseDevelopmentStorage=true"));
        await Assert.ThrowsAsync<FormatException>(async () => await payloads.FindAsync(token, Token));
        await Assert.ThrowsAsync<FormatException>(async () => await payloads.DeleteAsync(token, Token));
    }

    [Fact]
    public async Task Find_BeforeAnythingWasStored_IsNull()
    {
        var it = await StoreUnderTest.CreateAsync(azurite);
        Assert.Null(await it.Payloads.FindAsync($"blob:1:{it.Account.Options.PayloadContainer}/20261122/0123456789abcdef0123456789abcdef", Token));
    }

    [Fact]
    public async Task DeleteOlder_WholeDays_LeavesTheDayItself()
    {
        var it = await StoreUnderTest.CreateAsync(azurite);
        var clock = new FakeTimeProvider(StoredRuns.Noon.AddDays(-3));
        var payloads = new BlobPayloadStore(it.Account, clock);
        var tokens = new List<string>();
        for (var day = 0; day < 4; day++)
        {
            tokens.Add(await payloads.PutAsync(new byte[] { 1 }, Token));
            clock.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal(2, await payloads.DeleteOlderAsync(StoredRuns.Noon.AddDays(-1), Token));
        var found = await Task.WhenAll(tokens.Select(async t => await payloads.FindAsync(t, Token) is not null));
        Assert.Equal([false, false, true, true], found);
    }
}

using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.Azure.Tests.Storage.StoreUnderTest;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class DocumentTests(AzuriteFixture azurite) : DocumentContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await CreateAsync(azurite);

    [Fact]
    public async Task LargeDocuments_TravelByBlob_OfWhichOneStays()
    {
        string Large(int i) => new string((char)('a' + i), 100_000) + "é";
        var version = await _it.Store.ReplaceDocumentAsync("plan", Large(0), null, Token);
        for (var i = 1; i < 4; i++)
        {
            Assert.Null(await _it.Store.ReplaceDocumentAsync("plan", Large(9), null, Token));
            version = await _it.Store.ReplaceDocumentAsync("plan", Large(i), version, Token);
            Assert.Equal(new StoredDocument(Large(i), version!), await _it.Store.ReadDocumentAsync("plan", Token));
            Assert.Equal(1, await _it.BlobsAsync(_it.Account.Options.StateContainer));
        }

        await _it.Store.PutDocumentAsync("plan", "small", Token);
        Assert.Equal("small", await _it.Store.FindDocumentAsync("plan", Token));
        Assert.Equal(0, await _it.BlobsAsync(_it.Account.Options.StateContainer));
    }
}

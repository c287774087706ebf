using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.Nats.Tests.Storage;

public sealed class NatsDocumentsTests(NatsFixture nats) : DocumentContract
{
    private StoreUnderTest _it = null!;

    protected override async ValueTask<IStoreUnderTest> OpenAsync() => _it = await StoreUnderTest.CreateAsync(nats);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _it.DisposeAsync();
    }

    [Fact]
    public async Task LargeDocuments_AreObjects_OfWhichOneStays()
    {
        string Large(int i) => new string((char)('a' + i), 700_000) + "é";
        var version = await _it.Store.ReplaceDocumentAsync("plan", Large(0), null, Token);
        var messages = await _it.ObjectsAsync("objects");
        for (var i = 1; i < 4; i++)
        {
            Assert.Null(await _it.Store.ReplaceDocumentAsync("plan", Large(9), null, Token));
            version = await _it.Store.ReplaceDocumentAsync("plan", Large(i), version, Token);
            Assert.Equal(new StoredDocument(Large(i), version!), await _it.Store.ReadDocumentAsync("plan", Token));
            Assert.Equal(messages, await _it.ObjectsAsync("objects"));
        }

        await _it.Store.PutDocumentAsync("plan", "small", Token);
        Assert.Equal("small", await _it.Store.FindDocumentAsync("plan", Token));
        Assert.Equal(0, await _it.ObjectsAsync("objects"));
    }
}

using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Azure.Tests.Storage;

public sealed class DocumentTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private StoreUnderTest _it = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _it = await StoreUnderTest.CreateAsync(azurite);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Put_Again_Replaces()
    {
        Assert.Null(await _it.Store.FindDocumentAsync("plan", Token));
        await _it.Store.PutDocumentAsync("plan", "1", Token);
        await _it.Store.PutDocumentAsync("plan", "2", Token);
        await _it.Store.PutDocumentAsync("profile/a'b/ü", "", Token);
        Assert.Equal("2", await _it.Store.FindDocumentAsync("plan", Token));
        Assert.Equal("", await _it.Store.FindDocumentAsync("profile/a'b/ü", Token));
    }

    [Fact]
    public async Task Replace_TenWritersAtOnce_OneWinsEachRound()
    {
        string? version = null;
        for (var round = 0; round < 4; round++)
        {
            var (name, expected) = ($"{round}", version);
            var written = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
                _it.Another().ReplaceDocumentAsync("plan", $"{name}-{i}", expected, Token).AsTask()));
            version = Assert.Single(written, w => w is not null);
            var read = await _it.Store.ReadDocumentAsync("plan", Token);
            Assert.Equal(new StoredDocument($"{round}-{Array.IndexOf(written, version)}", version!), read);
        }
    }

    [Fact]
    public async Task Replace_VersionThatIsNotThePresentOne_WritesNothing()
    {
        Assert.Null(await _it.Store.ReadDocumentAsync("plan", Token));
        Assert.Null(await _it.Store.ReplaceDocumentAsync("plan", "a", "1", Token));
        await _it.Store.PutDocumentAsync("plan", "b", Token);
        var first = await _it.Store.ReadDocumentAsync("plan", Token);
        await _it.Store.PutDocumentAsync("plan", "c", Token);
        Assert.Null(await _it.Store.ReplaceDocumentAsync("plan", "d", first!.Version, Token));
        Assert.Null(await _it.Store.ReplaceDocumentAsync("plan", "d", null, Token));
        Assert.Null(await _it.Store.ReplaceDocumentAsync("plan", "d", "of another store", Token));
        Assert.Equal("c", await _it.Store.FindDocumentAsync("plan", Token));
    }

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

    [Fact]
    public async Task Read_WhileALargeOneIsReplaced_IsAlwaysOneVersionWhole()
    {
        await _it.Store.PutDocumentAsync("plan", new string('0', 50_000), Token);
        var writer = Task.Run(
            async () =>
            {
                for (var i = 1; i < 10; i++)
                    await _it.Store.PutDocumentAsync("plan", new string((char)('0' + i), 50_000), Token);
            },
            Token);
        var another = _it.Another();
        do
        {
            var text = await another.FindDocumentAsync("plan", Token);
            Assert.Equal((50_000, 1), (text!.Length, text.Distinct().Count()));
        }
        while (!writer.IsCompleted);
        await writer;
    }
}

using ServerlessLoki.Serving.Ports;
using static ServerlessLoki.TestUtils.Contracts.StoredRuns;

namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>What every store of documents promises.</summary>
public abstract class DocumentContract : StoreContract
{
    [Fact]
    public async Task Put_Again_Replaces()
    {
        Assert.Null(await It.Store.FindDocumentAsync("plan", Token));
        await It.Store.PutDocumentAsync("plan", "1", Token);
        await It.Store.PutDocumentAsync("plan", "2", Token);
        await It.Store.PutDocumentAsync("profile/a'b/ü", "", Token);
        Assert.Equal("2", await It.Store.FindDocumentAsync("plan", Token));
        Assert.Equal("", await It.Store.FindDocumentAsync("profile/a'b/ü", Token));
    }

    [Fact]
    public async Task Replace_TenWritersAtOnce_OneWinsEachRound()
    {
        string? version = null;
        for (var round = 0; round < 4; round++)
        {
            var (name, expected) = ($"{round}", version);
            var written = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
                It.Another().ReplaceDocumentAsync("plan", $"{name}-{i}", expected, Token).AsTask()));
            version = Assert.Single(written, w => w is not null);
            var read = await It.Store.ReadDocumentAsync("plan", Token);
            Assert.Equal(new StoredDocument($"{round}-{Array.IndexOf(written, version)}", version!), read);
        }
    }

    [Fact]
    public async Task Replace_VersionThatIsNotThePresentOne_WritesNothing()
    {
        Assert.Null(await It.Store.ReadDocumentAsync("plan", Token));
        Assert.Null(await It.Store.ReplaceDocumentAsync("plan", "a", "1", Token));
        await It.Store.PutDocumentAsync("plan", "b", Token);
        var first = await It.Store.ReadDocumentAsync("plan", Token);
        await It.Store.PutDocumentAsync("plan", "c", Token);
        Assert.Null(await It.Store.ReplaceDocumentAsync("plan", "d", first!.Version, Token));
        Assert.Null(await It.Store.ReplaceDocumentAsync("plan", "d", null, Token));
        Assert.Null(await It.Store.ReplaceDocumentAsync("plan", "d", "of another store", Token));
        Assert.Equal("c", await It.Store.FindDocumentAsync("plan", Token));
    }

    [Fact]
    public async Task Read_WhileALargeOneIsReplaced_IsAlwaysOneVersionWhole()
    {
        await It.Store.PutDocumentAsync("plan", new string('0', 50_000), Token);
        var writer = Task.Run(
            async () =>
            {
                for (var i = 1; i < 10; i++)
                    await It.Store.PutDocumentAsync("plan", new string((char)('0' + i), 50_000), Token);
            },
            Token);
        var another = It.Another();
        do
        {
            var text = await another.FindDocumentAsync("plan", Token);
            Assert.Equal((50_000, 1), (text!.Length, text.Distinct().Count()));
        }
        while (!writer.IsCompleted);
        await writer;
    }
}

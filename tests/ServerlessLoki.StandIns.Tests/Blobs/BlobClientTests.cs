using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessLoki.StandIns.Tests.Azurite;

namespace ServerlessLoki.StandIns.Tests.Blobs;

public sealed class BlobClientTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private BlobContainerClient _container = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _container = new BlobServiceClient(await azurite.ConnectionStringAsync()).GetBlobContainerClient(AzuriteFixture.UniqueName());
        Assert.NotNull(await _container.CreateIfNotExistsAsync(cancellationToken: Token));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task CreateIfNotExists_Again_AnswersNull() => Assert.Null(await _container.CreateIfNotExistsAsync(cancellationToken: Token));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_000)]
    public async Task Upload_AnySize_IsDownloadedAsItWas(int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        var blob = _container.GetBlobClient("a folder/größe & more + 100%.bin");

        await blob.UploadAsync(new BinaryData(content), overwrite: true, Token);

        Assert.Equal(content, (await blob.DownloadContentAsync(Token)).Value.Content.ToArray());
        var file = Path.GetTempFileName();
        await blob.DownloadToAsync(file, Token);
        Assert.Equal(content, await File.ReadAllBytesAsync(file, Token));
        File.Delete(file);
    }

    [Fact]
    public async Task Upload_WithoutOverwrite_RefusesASecond()
    {
        var blob = _container.GetBlobClient("b");
        await blob.UploadAsync(new BinaryData("one"), overwrite: false, Token);

        var e = await Assert.ThrowsAsync<RequestFailedException>(() => blob.UploadAsync(new BinaryData("two"), overwrite: false, Token));

        Assert.Equal((409, true), (e.Status, e.ErrorCode == BlobErrorCode.BlobAlreadyExists));
        Assert.Equal("one", (await blob.DownloadContentAsync(Token)).Value.Content.ToString());
    }

    [Fact]
    public async Task Download_BlobOrContainerMissing_AreToldApart()
    {
        var e = await Assert.ThrowsAsync<RequestFailedException>(() => _container.GetBlobClient("none").DownloadContentAsync(Token));
        Assert.Equal((404, true), (e.Status, e.ErrorCode == BlobErrorCode.BlobNotFound));

        var absent = new BlobServiceClient(await azurite.ConnectionStringAsync()).GetBlobContainerClient(AzuriteFixture.UniqueName());
        e = await Assert.ThrowsAsync<RequestFailedException>(() => absent.GetBlobClient("none").DownloadContentAsync(Token));
        Assert.True(e.ErrorCode == BlobErrorCode.ContainerNotFound);
    }

    [Fact]
    public async Task DeleteIfExists_Twice_SaysWhichDeleted()
    {
        var blob = _container.GetBlobClient("b");
        await blob.UploadAsync(new BinaryData("one"), overwrite: true, Token);
        Assert.True((await blob.ExistsAsync(Token)).Value);

        Assert.True((await blob.DeleteIfExistsAsync(cancellationToken: Token)).Value);
        Assert.False((await blob.DeleteIfExistsAsync(cancellationToken: Token)).Value);
        Assert.False((await blob.ExistsAsync(Token)).Value);
    }

    [Fact]
    public async Task GetBlobs_ByPrefixAndPages_ListsEachOnce()
    {
        var names = Enumerable.Range(0, 7).Select(i => $"in & out/{i}").ToArray();
        foreach (var name in names.Append("other"))
            await _container.GetBlobClient(name).UploadAsync(new BinaryData("12345"), overwrite: true, Token);

        var found = new List<BlobItem>();
        await foreach (var page in _container.GetBlobsAsync(BlobTraits.None, BlobStates.None, "in & out/", Token).AsPages(null, 3))
        {
            Assert.InRange(page.Values.Count, 1, 3);
            found.AddRange(page.Values);
        }

        Assert.Equal(names, found.Select(b => b.Name));
        Assert.All(found, b => Assert.Equal(5, b.Properties.ContentLength));
        Assert.All(found, b => Assert.NotNull(b.Properties.LastModified));
    }
}

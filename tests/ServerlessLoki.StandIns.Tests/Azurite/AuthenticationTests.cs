using System.Net;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace ServerlessLoki.StandIns.Tests.Azurite;

public sealed class AuthenticationTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TokenCredential_OnEachRequest_AsksForStorageAndSendsTheToken()
    {
        var credential = new FixedCredential();
        var handler = new CapturingHandler(HttpStatusCode.NoContent);
        using var client = new HttpClient(handler);
        var transport = new HttpClientTransport(client);

        var tables = new TableServiceClient(new Uri("https://acc.table.core.windows.net"), credential, new TableClientOptions { Transport = transport });
        await tables.GetTableClient("t").AddEntityAsync(new TableEntity("p", "r"), Token);
        var blobs = new BlobServiceClient(new Uri("https://acc.blob.core.windows.net/"), credential, new BlobClientOptions { Transport = transport });
        await blobs.GetBlobContainerClient("c").GetBlobClient("a/b").UploadAsync(new BinaryData("x"), overwrite: true, Token);

        Assert.Equal(["https://acc.table.core.windows.net/t", "https://acc.blob.core.windows.net/c/a%2Fb"], handler.Requests.Select(r => r.RequestUri!.AbsoluteUri));
        Assert.All(handler.Requests, r => Assert.Equal("Bearer secret", r.Headers.Authorization!.ToString()));
        Assert.All(credential.Scopes, s => Assert.Equal("https://storage.azure.com/.default", s));
        Assert.Equal(("acc", "acc"), (tables.AccountName, blobs.AccountName));
    }

    [Fact]
    public async Task WrongKey_IsRefused()
    {
        var wrong = (await azurite.ConnectionStringAsync()).Replace("AccountKey=Eby8", "AccountKey=AAAA", StringComparison.Ordinal);

        var table = await Assert.ThrowsAsync<RequestFailedException>(() => new TableServiceClient(wrong).GetTableClient("absent").AddEntityAsync(new TableEntity("p", "r"), Token));
        var blob = await Assert.ThrowsAsync<RequestFailedException>(() => new BlobServiceClient(wrong).GetBlobContainerClient("absent").CreateIfNotExistsAsync(cancellationToken: Token));

        Assert.Equal((403, 403), (table.Status, blob.Status));
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=true", "http://127.0.0.1:10002/devstoreaccount1")]
    [InlineData("AccountName=a;AccountKey=AAAA", "https://a.table.core.windows.net/")]
    [InlineData("AccountName=a;AccountKey=AAAA;EndpointSuffix=core.chinacloudapi.cn", "https://a.table.core.chinacloudapi.cn/")]
    [InlineData("AccountName=a;AccountKey=AAAA;TableEndpoint=http://host:1/a/", "http://host:1/a")]
    public void ConnectionString_Forms_NameTheEndpoint(string text, string endpoint) => Assert.Equal(endpoint, new TableServiceClient(text).Uri.AbsoluteUri);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("AccountName=a")]
    public void ConnectionString_Bad_IsRefused(string text) => Assert.Throws<FormatException>(() => new BlobServiceClient(text));

    private sealed class FixedCredential : TokenCredential
    {
        public List<string> Scopes { get; } = [];

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Scopes.AddRange(requestContext.Scopes);
            return new AccessToken("secret", DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}

using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.Azure.Tests.Doubles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;
using ServerlessLoki.TestUtils.Contracts;

namespace ServerlessLoki.Azure.Tests.Storage;

/// <summary>A state store with tables and containers of its own.</summary>
internal sealed class StoreUnderTest : IStoreUnderTest
{
    private StoreUnderTest(StorageAccount account)
    {
        Account = account;
        Payloads = new BlobPayloadStore(account, new FakeTimeProvider(StoredRuns.Noon));
        Store = new TableStateStore(account, Payloads);
    }

    public StorageAccount Account { get; }

    public BlobPayloadStore Payloads { get; }

    public TableStateStore Store { get; }

    public static async Task<StoreUnderTest> CreateAsync(AzuriteFixture azurite, HttpPipelineTransport? transport = null, StorageOptions? options = null) =>
        Over(await azurite.ConnectionStringAsync(), transport, options);

    public static StoreUnderTest Over(string connection, HttpPipelineTransport? transport, StorageOptions? options)
    {
        var name = AzuriteFixture.UniqueName();
        options = (options ?? new StorageOptions { RetryDelay = TimeSpan.FromMilliseconds(1) }) with
        {
            TablePrefix = name, PayloadContainer = name + "p", StateContainer = name + "s",
        };
        return new StoreUnderTest(StorageAccount.ConnectLocally(connection, options, transport));
    }

    /// <summary>The same account seen by another process.</summary>
    public TableStateStore Another() => new(Account, Payloads);

    IStateStore IStoreUnderTest.Store => Store;

    IPayloadStore IStoreUnderTest.Payloads => Payloads;

    IStateStore IStoreUnderTest.Another() => Another();

    public async Task<int> BlobsAsync(string container)
    {
        var count = 0;
        await foreach (var _ in Account.Blobs.GetBlobContainerClient(container).GetBlobsAsync(BlobTraits.None, BlobStates.None, "", TestContext.Current.CancellationToken))
            count++;
        return count;
    }

    public async Task<int> RowsAsync(string table)
    {
        var count = 0;
        await foreach (var _ in Account.Tables.GetTableClient(Account.Options.TablePrefix + table).QueryAsync<TableEntity>(cancellationToken: TestContext.Current.CancellationToken))
            count++;
        return count;
    }
}

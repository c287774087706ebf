using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Table that is created at first use, and again if it was deleted.</summary>
internal sealed class StateTable
{
    private readonly TableClient _client;
    private readonly AzureCall _call;
    private const string TableKey = "RowKey";
    private volatile bool _made;

    public StateTable(StorageAccount account, string name)
    {
        _client = account.Tables.GetTableClient(account.Options.TablePrefix + name);
        _call = new AzureCall(account.Options.TableTimeout);
    }

    public async Task<T> RunAsync<T>(string operation, Func<TableClient, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        await _call.RunAsync(
            operation,
            async stop =>
            {
                if (!_made)
                    await MakeAsync(stop);
                try
                {
                    return await call(_client, stop);
                }
                catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.TableNotFound)
                {
                    await MakeAsync(stop);
                    return await call(_client, stop);
                }
            },
            cancellationToken);

    public Task<TableEntity?> FindAsync(string operation, string partition, string row, CancellationToken cancellationToken) => RunAsync(
        operation,
        async (table, stop) =>
        {
            var found = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: stop);
            return found.HasValue ? found.Value : null;
        },
        cancellationToken);

    /// <summary>Lists all rows of a filter, page by page to the end or to <paramref name="most"/>.</summary>
    public Task<List<TableEntity>> ListAsync(string operation, string filter, int most, CancellationToken cancellationToken) => RunAsync(
        operation,
        async (table, stop) =>
        {
            var found = new List<TableEntity>();
            await foreach (var entity in table.QueryAsync<TableEntity>(filter, Math.Min(most, 1000), cancellationToken: stop))
            {
                found.Add(entity);
                if (found.Count == most)
                    break;
            }

            return found;
        },
        cancellationToken);

    /// <summary>Counts the rows of a filter, up to <paramref name="most"/>; only the key of each is read.</summary>
    public Task<int> CountAsync(string operation, string filter, int most, CancellationToken cancellationToken) => RunAsync(
        operation,
        async (table, stop) =>
        {
            var count = 0;
            await foreach (var _ in table.QueryAsync<TableEntity>(filter, Math.Min(most, 1000), [TableKey], stop))
            {
                if (++count == most)
                    break;
            }

            return count;
        },
        cancellationToken);

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        await _client.CreateIfNotExistsAsync(cancellationToken);
        _made = true;
    }
}

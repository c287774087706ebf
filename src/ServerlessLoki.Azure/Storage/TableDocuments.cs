using Azure;
using Azure.Data.Tables;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Documents in a table: one entity each, in the partition named by the part of its name before the first slash; the version is
/// the entity's ETag.</summary>
/// <remarks>
/// A write whose answer was lost is tried again and then refused, for the first try has changed the ETag. So each write carries an id of
/// its own, by which its author knows it again.
/// </remarks>
internal sealed class TableDocuments(StateTable table, TableTexts texts)
{
    private const string Json = "Json";
    private const string Write = "Write";

    public async Task PutAsync(string name, string json, CancellationToken cancellationToken)
    {
        var before = await FindAsync(name, cancellationToken);
        var entity = await EntityAsync(name, json, cancellationToken);
        await table.RunAsync("document.put", (t, stop) => t.UpsertEntityAsync(entity, TableUpdateMode.Replace, stop), cancellationToken);
        await texts.DeleteAsync(before, cancellationToken);
    }

    public async Task<StoredDocument?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        while (await FindAsync(name, cancellationToken) is { } entity)
        {
            var (found, text) = await texts.GetAsync(entity, Json, cancellationToken);
            if (found)
                return new StoredDocument(text ?? "", entity.ETag.ToString());
            // Its blob is gone, so another version has taken its place; if not, the account was tampered with.
            if ((await FindAsync(name, cancellationToken))?.ETag == entity.ETag)
                throw new InvalidDataException($"The content of document '{name}' is missing from the state container.");
        }

        return null;
    }

    public async Task<string?> ReplaceAsync(string name, string json, string? expectedVersion, CancellationToken cancellationToken)
    {
        var before = expectedVersion is null ? null : await FindAsync(name, cancellationToken);
        if (expectedVersion is not null && before?.ETag.ToString() != expectedVersion)
            return null;
        var entity = await EntityAsync(name, json, cancellationToken);
        string? version;
        try
        {
            var response = await table.RunAsync(
                "document.replace",
                (t, stop) => before is null ? t.AddEntityAsync(entity, stop) : t.UpdateEntityAsync(entity, before.ETag, TableUpdateMode.Replace, stop),
                cancellationToken);
            version = response.Headers.ETag?.ToString();
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 or 404)
        {
            var now = await FindAsync(name, cancellationToken);
            if (now?.GetString(Write) != entity.GetString(Write))
            {
                await texts.DeleteAsync(entity, cancellationToken);
                return null;
            }

            version = now.ETag.ToString();
        }

        await texts.DeleteAsync(before, cancellationToken);
        return version;
    }

    private Task<TableEntity?> FindAsync(string name, CancellationToken cancellationToken) =>
        table.FindAsync("document.find", TableKeys.Group(name), TableKeys.Of(name), cancellationToken);

    private async Task<TableEntity> EntityAsync(string name, string json, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var entity = new TableEntity(TableKeys.Group(name), TableKeys.Of(name)) { ["Name"] = name, [Write] = Guid.NewGuid().ToString("N") };
        await texts.SetAsync(entity, Json, json, cancellationToken);
        return entity;
    }
}

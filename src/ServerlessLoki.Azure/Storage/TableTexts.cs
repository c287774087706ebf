using System.Diagnostics.Metrics;
using Azure;
using Azure.Data.Tables;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Texts as properties of entities. A text above the size of a property is a blob, whose token is the property (claim
/// check).</summary>
internal sealed class TableTexts(BlobPayloadStore blobs)
{
    /// <summary>Longest inline text, characters. A property holds 64 KiB of UTF-16
    /// (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model).</summary>
    public const int InlineChars = 32_000;

    private static readonly Counter<long> Orphans =
        AzureTelemetry.Meter.CreateCounter<long>("loki.azure.orphans", "{blob}", "Blobs without an entity that could not be deleted.");

    /// <summary>Sets the property; a blob is durable before its entity.</summary>
    public async Task SetAsync(TableEntity entity, string name, string? text, CancellationToken cancellationToken)
    {
        if (text is null)
            return;
        if (text.Length <= InlineChars)
            entity[name] = text;
        else
            entity[name + "Token"] = await blobs.PutAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);
    }

    /// <summary>Reads the text; not found where its blob was deleted since the entity was read.</summary>
    public async Task<(bool Found, string? Text)> GetAsync(TableEntity entity, string name, CancellationToken cancellationToken)
    {
        if (entity.GetString(name + "Token") is not { } token)
            return (true, entity.GetString(name));
        var bytes = await blobs.FindAsync(token, cancellationToken);
        return bytes is null ? (false, null) : (true, System.Text.Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Deletes the blobs of an entity that was deleted, or was never written. A failure here changes no result: only an unused
    /// blob remains.</summary>
    public async Task DeleteAsync(TableEntity? entity, CancellationToken cancellationToken)
    {
        if (entity is null)
            return;
        foreach (var (name, value) in (IEnumerable<KeyValuePair<string, object>>)entity)
        {
            if (!name.EndsWith("Token", StringComparison.Ordinal) || value is not string token)
                continue;
            try
            {
                await blobs.DeleteAsync(token, cancellationToken);
            }
            catch (Exception e) when (e is RequestFailedException or AggregateException or TimeoutException)
            {
                Orphans.Add(1);
            }
        }
    }
}

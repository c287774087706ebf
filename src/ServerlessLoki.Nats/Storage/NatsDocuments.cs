using System.Globalization;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Documents in a bucket; the version is the revision.</summary>
internal sealed class NatsDocuments(Bucket bucket, NatsPayloadStore payloads)
{
    private readonly LargeValues _values = new(bucket, payloads);

    public async Task PutAsync(string name, string json, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        // Against the entry that was read, so that the object of each replaced text is deleted by exactly one writer.
        while (true)
        {
            var before = await bucket.FindAsync(NatsNames.Key(name), cancellationToken);
            if (await _values.PutAsync(NatsNames.Key(name), json, before, before?.Revision ?? 0, null, cancellationToken) is not null)
                return;
        }
    }

    public async Task<StoredDocument?> ReadAsync(string name, CancellationToken cancellationToken) =>
        await _values.FindAsync(NatsNames.Key(name), cancellationToken) is var (entry, text) ? new StoredDocument(text, Version(entry.Revision)) : null;

    public async Task<string?> ReplaceAsync(string name, string json, string? expectedVersion, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        BucketEntry? before = null;
        if (expectedVersion is not null)
        {
            before = await bucket.FindAsync(NatsNames.Key(name), cancellationToken);
            if (before is null || Version(before.Revision) != expectedVersion)
                return null;
        }

        return await _values.PutAsync(NatsNames.Key(name), json, before, before?.Revision ?? 0, null, cancellationToken) is { } revision ? Version(revision) : null;
    }

    private static string Version(ulong revision) => revision.ToString(CultureInfo.InvariantCulture);
}

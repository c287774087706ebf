using System.Diagnostics.Metrics;
using System.Text;
using NATS.Client.Core;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Texts in a bucket. A text above <see cref="InlineBytes"/> is an object, whose token the entry has as a header (claim
/// check).</summary>
internal sealed class LargeValues(Bucket bucket, NatsPayloadStore payloads)
{
    /// <summary>Largest inline text, bytes: a quarter of a server's default limit of a message.</summary>
    public const int InlineBytes = 256 << 10;

    private const string Token = "Loki-Object";

    private static readonly Counter<long> Orphans =
        NatsTelemetry.Meter.CreateCounter<long>("loki.nats.orphans", "{object}", "Objects without an entry that could not be deleted.");

    /// <summary>Finds a text with its entry; null where there is none.</summary>
    public async Task<(BucketEntry Entry, string Text)?> FindAsync(string key, CancellationToken cancellationToken)
    {
        ulong missing = 0;
        while (await bucket.FindAsync(key, cancellationToken) is { } entry)
        {
            if (entry.Header(Token) is not { } token)
                return (entry, Encoding.UTF8.GetString(entry.Value));
            if (await payloads.FindAsync(token, cancellationToken) is { } bytes)
                return (entry, Encoding.UTF8.GetString(bytes));
            // Its object is gone, so another revision has taken its place; if not, the bucket was tampered with.
            if (missing == entry.Revision)
                throw new InvalidDataException($"The content of '{key}' is missing from the object store.");
            missing = entry.Revision;
        }

        return null;
    }

    /// <summary>Writes a text, see <see cref="Bucket.PutAsync"/>; an object is durable before its entry.</summary>
    /// <param name="key">Key of the text.</param>
    /// <param name="text">Text to write.</param>
    /// <param name="before">Entry that is replaced, whose object is then deleted; null where there is none.</param>
    /// <param name="expected">Revision that is to be replaced, 0 = none may be there; null = whatever is there.</param>
    /// <param name="headers">Headers of the entry; null = none.</param>
    /// <param name="cancellationToken">Stops the call; the text may have been written.</param>
    public async Task<ulong?> PutAsync(string key, string text, BucketEntry? before, ulong? expected, NatsHeaders? headers, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        string? token = null;
        if (bytes.Length > InlineBytes)
        {
            token = await payloads.KeepAsync(bytes, cancellationToken);
            (headers ??= []).Add(Token, token);
            bytes = [];
        }

        var revision = await bucket.PutAsync(key, bytes, expected, headers, cancellationToken);
        await ForgetAsync(revision is null ? token : before?.Header(Token), cancellationToken);
        return revision;
    }

    /// <summary>Deletes the object of an entry that was deleted. A failure here changes no result: only an unused object remains.</summary>
    public Task ForgetAsync(BucketEntry entry, CancellationToken cancellationToken) => ForgetAsync(entry.Header(Token), cancellationToken);

    private async Task ForgetAsync(string? token, CancellationToken cancellationToken)
    {
        if (token is null)
            return;
        try
        {
            await payloads.DeleteAsync(token, cancellationToken);
        }
        catch (Exception e) when (e is NatsException or TimeoutException)
        {
            Orphans.Add(1);
        }
    }
}

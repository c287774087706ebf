using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Payload store on NATS' object store. Tokens are <c>nats:1:BUCKET/HASH-ID</c>: version 1 is one object with the bytes
/// unchanged.</summary>
/// <remarks>Claim checks of queries are kept for <see cref="NatsOptions.PayloadAge"/> at most, which removes those of crashed callers. Inputs of
/// runs are in a bucket without age.</remarks>
public sealed class NatsPayloadStore : IPayloadStore
{
    private const string Prefix = "nats:1:";
    private readonly ObjectBucket _payloads;
    private readonly ObjectBucket _kept;

    /// <summary>Makes the store over a link that outlives it.</summary>
    /// <param name="link">Connection to the servers.</param>
    public NatsPayloadStore(NatsLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        _payloads = new ObjectBucket(link, "payloads", link.Options.PayloadAge);
        _kept = new ObjectBucket(link, "objects", age: null);
    }

    /// <inheritdoc />
    public ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => PutAsync(_payloads, payload, cancellationToken);

    /// <inheritdoc />
    /// <exception cref="FormatException">The token is another store's.</exception>
    public async ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var (bucket, id) = Of(token);
        return await bucket.FindAsync(id, cancellationToken);
    }

    /// <inheritdoc />
    /// <exception cref="FormatException">The token is another store's.</exception>
    public async ValueTask DeleteAsync(string token, CancellationToken cancellationToken)
    {
        var (bucket, id) = Of(token);
        await bucket.DeleteAsync(id, cancellationToken);
    }

    /// <summary>Stores bytes until they are deleted.</summary>
    internal ValueTask<string> KeepAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => PutAsync(_kept, payload, cancellationToken);

    private static async ValueTask<string> PutAsync(ObjectBucket bucket, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        $"{Prefix}{bucket.Name}/{await bucket.PutAsync(payload, cancellationToken)}";

    private (ObjectBucket Bucket, string Id) Of(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        foreach (var bucket in (ObjectBucket[])[_payloads, _kept])
        {
            var begin = $"{Prefix}{bucket.Name}/";
            if (token.StartsWith(begin, StringComparison.Ordinal) && ObjectBucket.IsName(token[begin.Length..]))
                return (bucket, token[begin.Length..]);
        }

        throw new FormatException($"'{token}' is no token of this store, which look like {Prefix}{_payloads.Name}/HASH-ID with the SHA-256 of the bytes.");
    }
}

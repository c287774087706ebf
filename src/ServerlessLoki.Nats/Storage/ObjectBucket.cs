using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.ObjectStore;
using NATS.Client.ObjectStore.Models;
using ServerlessLoki.Nats.Connection;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Bucket of NATS' object store. Names begin with the SHA-256 of the bytes, and the client checks it when it reads.</summary>
/// <remarks>Two objects with the same bytes have names of their own, so that deleting one keeps the other.</remarks>
internal sealed partial class ObjectBucket(NatsLink link, string name, TimeSpan? age)
{
    private const int StreamNameTaken = 10058;

    /// <summary>Two processes made the same stream at the same time.</summary>
    private const int SubjectsOverlap = 10065;
    private const int StreamNotFound = 10059;
    private readonly NatsObjContext _context = new(link.JetStream);
    private volatile INatsObjStore? _store;

    public string Name { get; } = link.Names.Bucket(name);

    /// <summary>Stores bytes and returns the object's name.</summary>
    public async Task<string> PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var id = $"{Convert.ToHexStringLower(SHA256.HashData(bytes.Span))}-{Guid.NewGuid().ToString("N")[..16]}";
        await RunAsync(
            "put",
            async (store, stop) =>
            {
                await using var stream = new MemoryStream(bytes.ToArray(), writable: false);
                return await store.PutAsync(new ObjectMetadata { Name = id, Options = new MetaDataOptions { MaxChunkSize = 256 << 10 } }, stream, leaveOpen: true, stop);
            },
            cancellationToken);
        return id;
    }

    /// <summary>Reads an object; null if there is none.</summary>
    public Task<byte[]?> FindAsync(string id, CancellationToken cancellationToken) => RunAsync(
        "find",
        async (store, stop) =>
        {
            try
            {
                return await store.GetBytesAsync(id, stop);
            }
            catch (NatsObjNotFoundException)
            {
                return null;
            }
        },
        cancellationToken);

    /// <summary>Deletes an object with all marks of it; nothing happens if there is none.</summary>
    public Task DeleteAsync(string id, CancellationToken cancellationToken) => RunAsync(
        "delete",
        async (store, stop) =>
        {
            try
            {
                await store.DeleteAsync(id, stop);
            }
            catch (NatsObjNotFoundException)
            {
                return true;
            }

            // What is left is a mark that the name was deleted, which nobody asks for again.
            var mark = $"$O.{Name}.M.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(id))}";
            return (await link.JetStream.PurgeStreamAsync("OBJ_" + Name, new StreamPurgeRequest { Filter = mark }, stop)).Success;
        },
        cancellationToken);

    /// <summary>Tests whether a text has the form of an object's name.</summary>
    public static bool IsName(string id) => Id().IsMatch(id);

    private Task<T> RunAsync<T>(string operation, Func<INatsObjStore, CancellationToken, Task<T>> call, CancellationToken cancellationToken) => link.Call.RunAsync(
        $"{name}.{operation}",
        async stop =>
        {
            var store = _store ??= await OpenAsync(stop);
            try
            {
                return await call(store, stop);
            }
            catch (NatsJSApiException e) when (e.Error.ErrCode == StreamNotFound)
            {
                _store = store = await OpenAsync(stop);
                return await call(store, stop);
            }
        },
        cancellationToken);

    private async Task<INatsObjStore> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _context.GetObjectStoreAsync(Name, cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == StreamNotFound || e.Error.Code == 404)
        {
            try
            {
                return await _context.CreateObjectStoreAsync(
                    new NatsObjConfig(Name) { MaxAge = age, Storage = NatsObjStorageType.File, NumberOfReplicas = link.Options.Replicas }, cancellationToken);
            }
            catch (NatsJSApiException taken) when (taken.Error.ErrCode is StreamNameTaken or SubjectsOverlap)
            {
                return await _context.GetObjectStoreAsync(Name, cancellationToken);
            }
        }
    }

    [GeneratedRegex(@"^[0-9a-f]{64}-[0-9a-f]{16}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Id();
}

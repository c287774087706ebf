using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Storage;

/// <summary>Payload store on blobs. Tokens are <c>blob:1:CONTAINER/DAY/ID</c>: version 1 is one block blob with the bytes unchanged.
/// <see cref="DeleteOlderAsync"/> and a lifecycle rule find undeleted blobs by the day.</summary>
public sealed partial class BlobPayloadStore : IPayloadStore
{
    private const string Prefix = "blob:1:";
    private readonly BlobContainerClient _container;
    private readonly AzureCall _call;
    private readonly TimeProvider _time;
    private volatile bool _made;

    /// <summary>Makes the store over <see cref="StorageOptions.PayloadContainer"/>.</summary>
    /// <param name="account">Storage account.</param>
    /// <param name="time">Clock that gives the day of a payload; null for the system's clock.</param>
    public BlobPayloadStore(StorageAccount account, TimeProvider? time = null)
        : this(account, account?.Options.PayloadContainer!, time)
    {
    }

    internal BlobPayloadStore(StorageAccount account, string container, TimeProvider? time)
    {
        ArgumentNullException.ThrowIfNull(account);
        _container = account.Blobs.GetBlobContainerClient(container);
        _call = new AzureCall(account.Options.BlobTimeout);
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc />
    public async ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var name = $"{_time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}/{Guid.NewGuid():N}";
        // Overwriting is safe: nobody else has the name, and a try whose answer was lost may have written it.
        await RunAsync("payload.put", stop => _container.GetBlobClient(name).UploadAsync(new BinaryData(payload), overwrite: true, stop), cancellationToken);
        return $"{Prefix}{_container.Name}/{name}";
    }

    /// <inheritdoc />
    /// <exception cref="FormatException">The token is another store's.</exception>
    public async ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var name = NameOf(token);
        try
        {
            var found = await _call.RunAsync("payload.find", stop => _container.GetBlobClient(name).DownloadContentAsync(stop), cancellationToken);
            var bytes = found.Value.Content.ToMemory();
            return MemoryMarshal.TryGetArray(bytes, out var all) && all.Array is { } array && array.Length == all.Count ? array : bytes.ToArray();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobNotFound || e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return null;
        }
    }

    /// <inheritdoc />
    /// <exception cref="FormatException">The token is another store's.</exception>
    public async ValueTask DeleteAsync(string token, CancellationToken cancellationToken)
    {
        var name = NameOf(token);
        await _call.RunAsync("payload.delete", stop => _container.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: stop), cancellationToken);
    }

    /// <summary>Deletes payloads of whole days before a given time, which crashed callers left behind, where no lifecycle rule does
    /// it.</summary>
    /// <returns>Number of payloads deleted.</returns>
    public async ValueTask<int> DeleteOlderAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var day = before.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var old = await RunAsync(
            "payload.list",
            async stop =>
            {
                var names = new List<string>();
                await foreach (var blob in _container.GetBlobsAsync(BlobTraits.None, BlobStates.None, "", stop))
                {
                    // Names come in order, and begin with the day.
                    if (string.CompareOrdinal(blob.Name, day) >= 0)
                        break;
                    if (Name().IsMatch(blob.Name))
                        names.Add(blob.Name);
                }

                return names;
            },
            cancellationToken);
        foreach (var name in old)
            await _call.RunAsync("payload.delete", stop => _container.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: stop), cancellationToken);
        return old.Count;
    }

    private async Task<T> RunAsync<T>(string operation, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) => await _call.RunAsync(
        operation,
        async stop =>
        {
            if (!_made)
                await MakeAsync(stop);
            try
            {
                return await call(stop);
            }
            catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
            {
                await MakeAsync(stop);
                return await call(stop);
            }
        },
        cancellationToken);

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        _made = true;
    }

    private string NameOf(string token)
    {
        var begin = Prefix + _container.Name + "/";
        if (token.StartsWith(begin, StringComparison.Ordinal) && Name().IsMatch(token.AsSpan(begin.Length)))
            return token[begin.Length..];
        throw new FormatException($"'{token}' is no token of this store, which look like {begin}20261122/0123456789abcdef0123456789abcdef.");
    }

    [GeneratedRegex(@"^\d{8}/[0-9a-f]{32}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}

using System.Collections.Concurrent;
using System.Text.Json;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Leases in a bucket: one entry per place. Each change names the revision that it saw, so of two claims one wins. Expiry is by the
/// claimers' clocks: leases must be longer than what these differ by.</summary>
internal sealed class NatsLeases(Bucket bucket)
{
    /// <summary>Rounds of a claim: each that fails means that another got through, and soon somebody holds the place.</summary>
    private const int Rounds = 5;

    // What this process holds, by the revision that it wrote: a heartbeat is then one call.
    private readonly ConcurrentDictionary<(string Place, string Owner), ulong> _held = [];

    public async Task<bool> ClaimAsync(string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken)
    {
        var lease = new LeaseRecord(place, owner, now + duration);
        if (_held.TryRemove((place, owner), out var mine) && await WriteAsync(lease, mine, cancellationToken))
            return true;
        for (var round = 0; round < Rounds; round++)
        {
            var found = await bucket.FindAsync(NatsNames.Key(place), cancellationToken);
            if (found is not null && Read(found) is { } held && held.Owner != owner && held.Until > now)
                return false;
            if (await WriteAsync(lease, found?.Revision ?? 0, cancellationToken))
                return true;
        }

        return false;
    }

    public async Task ReleaseAsync(string place, string owner, CancellationToken cancellationToken)
    {
        _held.TryRemove((place, owner), out _);
        while (await bucket.FindAsync(NatsNames.Key(place), cancellationToken) is { } found && Read(found)?.Owner == owner)
        {
            // Lapsed, not deleted: a right to delete would be one to delete the leases of others. The bucket's age removes it.
            if (await bucket.PutAsync(NatsNames.Key(place), JsonSerializer.SerializeToUtf8Bytes(new LeaseRecord(place, "", DateTimeOffset.MinValue)), found.Revision, null, cancellationToken) is not null)
                return;
        }
    }

    public async Task<IReadOnlyList<PlaceLease>> ListAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Whole parts of the prefix select on the server, the rest here.
        var parts = prefix.LastIndexOf('/');
        var found = await bucket.ListAsync(parts < 0 ? ">" : NatsNames.Key(prefix[..parts]) + ".>", 0, headersOnly: false, cancellationToken);
        return
        [
            .. found.Select(Read).OfType<LeaseRecord>()
                .Where(l => l.Until > now && l.Place.StartsWith(prefix, StringComparison.Ordinal))
                .Select(l => new PlaceLease(l.Place, l.Owner, l.Until))
                .OrderBy(l => l.Place, StringComparer.Ordinal),
        ];
    }

    private static LeaseRecord? Read(BucketEntry entry)
    {
        try
        {
            return JsonSerializer.Deserialize<LeaseRecord>(entry.Value);
        }
        catch (JsonException)
        {
            // Of another release: nobody holds it.
            return null;
        }
    }

    /// <summary>Writes a lease. False if another process wrote since <paramref name="seen"/>; 0 = there was none.</summary>
    private async Task<bool> WriteAsync(LeaseRecord lease, ulong seen, CancellationToken cancellationToken)
    {
        if (await bucket.PutAsync(NatsNames.Key(lease.Place), JsonSerializer.SerializeToUtf8Bytes(lease), seen, null, cancellationToken) is not { } revision)
            return false;
        _held[(lease.Place, lease.Owner)] = revision;
        return true;
    }
}

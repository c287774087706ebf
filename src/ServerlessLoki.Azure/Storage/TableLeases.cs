using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Data.Tables;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.Storage;

/// <summary>
/// Leases: one entity per place, in the partition of what stands before the first slash, so that heartbeats of pipelines and workers are
/// spread. Each change names the ETag that it saw, so of two claims one wins. Expiry is by the claimers' clocks: leases must be longer
/// than what these differ by.
/// </summary>
internal sealed class TableLeases(StateTable table)
{
    private const string Owner = "Owner";
    private const string Until = "Until";

    // What this process holds, by the version that it wrote: a heartbeat is then one call.
    private readonly ConcurrentDictionary<(string Place, string Owner), ETag> _held = [];

    public async Task<bool> ClaimAsync(string place, string owner, DateTimeOffset now, TimeSpan duration, CancellationToken cancellationToken)
    {
        var entity = new TableEntity(TableKeys.Group(place), TableKeys.Of(place))
        {
            ["Place"] = place, [Owner] = owner, [Until] = (now + duration).UtcTicks,
        };
        if (_held.TryRemove((place, owner), out var mine) && await WriteAsync(entity, mine, cancellationToken))
            return true;
        // Each round that fails means that another got through; soon somebody holds the place.
        for (var round = 0; round < 5; round++)
        {
            var found = await FindAsync(place, cancellationToken);
            if (found is not null && found.GetString(Owner) != owner && found.GetInt64(Until) > now.UtcTicks)
                return false;
            if (await WriteAsync(entity, found?.ETag, cancellationToken))
                return true;
        }

        return false;
    }

    public async Task ReleaseAsync(string place, string owner, CancellationToken cancellationToken)
    {
        _held.TryRemove((place, owner), out _);
        while (await FindAsync(place, cancellationToken) is { } found && found.GetString(Owner) == owner)
        {
            if (await DeleteAsync(found, cancellationToken))
                return;
        }
    }

    public async Task<IReadOnlyList<PlaceLease>> ListAsync(string prefix, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = await table.ListAsync("lease.list", $"{Under(prefix)}{Until} gt {Ticks(now)}", int.MaxValue, cancellationToken);
        return
        [
            .. found.Select(e => new PlaceLease(e.GetString("Place"), e.GetString(Owner), new DateTimeOffset(e.GetInt64(Until)!.Value, TimeSpan.Zero)))
                // The keys of very long prefixes are cut.
                .Where(l => l.Place.StartsWith(prefix, StringComparison.Ordinal))
                .OrderBy(l => l.Place, StringComparer.Ordinal),
        ];
    }

    public async Task<int> DeleteExpiredAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var entity in await table.ListAsync("lease.list", $"{Until} lt {Ticks(before)}", int.MaxValue, cancellationToken))
            deleted += await DeleteAsync(entity, cancellationToken) ? 1 : 0;
        return deleted;
    }

    private static string Ticks(DateTimeOffset time) => time.UtcTicks.ToString(CultureInfo.InvariantCulture) + "L";

    private static string Under(string prefix)
    {
        if (prefix.Length == 0)
            return "";
        var (from, to) = TableKeys.Range(prefix);
        var rows = TableClient.CreateQueryFilter($"RowKey ge {from} and RowKey lt {to} and ");
        return prefix.Contains('/', StringComparison.Ordinal) ? TableClient.CreateQueryFilter($"PartitionKey eq {TableKeys.Group(prefix)} and ") + rows : rows;
    }

    private Task<TableEntity?> FindAsync(string place, CancellationToken cancellationToken) =>
        table.FindAsync("lease.find", TableKeys.Group(place), TableKeys.Of(place), cancellationToken);

    /// <summary>Writes an entity. False if another process wrote since <paramref name="seen"/>; null = there was no entity.</summary>
    private async Task<bool> WriteAsync(TableEntity entity, ETag? seen, CancellationToken cancellationToken)
    {
        try
        {
            var response = await table.RunAsync(
                "lease.claim",
                (t, stop) => seen is { } tag ? t.UpdateEntityAsync(entity, tag, TableUpdateMode.Replace, stop) : t.AddEntityAsync(entity, stop),
                cancellationToken);
            if (response.Headers.ETag is { } written)
                _held[(entity.GetString("Place"), entity.GetString(Owner))] = written;
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    private async Task<bool> DeleteAsync(TableEntity entity, CancellationToken cancellationToken)
    {
        try
        {
            var response = await table.RunAsync("lease.delete", (t, stop) => t.DeleteEntityAsync(entity.PartitionKey, entity.RowKey, entity.ETag, stop), cancellationToken);
            return response.Status != 404;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return false;
        }
    }
}

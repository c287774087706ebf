using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using NATS.Client.Core;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Storage;

/// <summary>Runs in a bucket: <c>run.ID</c> is the run, <c>open.TICKS.ID</c> stands while it has not ended.</summary>
/// <remarks>The mark is written before the run and deleted after its end, so that a crash in between leaves a mark too many and never one too
/// few. <see cref="UnfinishedAsync"/> deletes such marks.</remarks>
internal sealed class NatsRuns(Bucket bucket, NatsPayloadStore payloads)
{
    private const string Runs = "run.";
    private const string Open = "open.";
    private const string Created = "Loki-Created";
    private const string State = "Loki-State";
    private const string EndedAt = "Loki-Ended";
    private readonly LargeValues _values = new(bucket, payloads);

    public async Task<bool> AddAsync(RunRecord run, CancellationToken cancellationToken)
    {
        var mark = run.State == RunState.Accepted
            ? await bucket.PutAsync(MarkOf(run.Id, run.Created), Encoding.UTF8.GetBytes(run.Id), 0, null, cancellationToken)
            : null;
        if (await _values.PutAsync(Key(run.Id), JsonSerializer.Serialize(run), null, 0, HeadersOf(run), cancellationToken) is not null)
            return true;
        if (mark is { } revision)
            await bucket.DeleteAsync(revision, cancellationToken);
        return false;
    }

    public async Task<RunRecord?> FindAsync(string id, CancellationToken cancellationToken) => (await ReadAsync(Key(id), cancellationToken))?.Run;

    public async Task<RunPage> ListAsync(int size, string? after, RunState? state, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1000);
        Place? from = after is null ? null : Place.Parse(after);
        var wanted = state is { } given ? Text(given) : null;
        // Headers only: a page costs the server one short message for each run that it keeps.
        var places = (await bucket.ListAsync(Runs + ">", 0, headersOnly: true, cancellationToken))
            .Where(e => wanted is null || e.Header(State) == wanted)
            .Select(e => new Place(long.Parse(e.Header(Created)!, CultureInfo.InvariantCulture), e.Key[Runs.Length..]))
            .Where(p => from is not { } last || p.IsAfter(last))
            .OrderByDescending(p => p.Ticks).ThenBy(p => p.Key, StringComparer.Ordinal).Take(size + 1).ToList();
        var page = new List<RunRecord>(size);
        foreach (var place in places.Take(size))
        {
            if (await ReadAsync(Runs + place.Key, cancellationToken) is var (_, run))
                page.Add(run);
        }

        return new RunPage(page, places.Count > size ? places[size - 1].ToString() : null);
    }

    public async Task<IReadOnlyList<RunRecord>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        var runs = new List<RunRecord>();
        foreach (var mark in await bucket.ListAsync(Open + ">", 0, headersOnly: false, cancellationToken))
        {
            if (await FindAsync(Encoding.UTF8.GetString(mark.Value), cancellationToken) is { } run)
            {
                if (run.State == RunState.Accepted)
                    runs.Add(run);
                else
                    await bucket.DeleteAsync(mark.Revision, cancellationToken);
            }
        }

        return [.. runs.OrderBy(r => r.Created).ThenBy(r => r.Id, StringComparer.Ordinal)];
    }

    public async Task<int> CountUnfinishedAsync(int most, CancellationToken cancellationToken) =>
        (int)Math.Min((ulong)most, await bucket.CountAsync(Open + ">", cancellationToken));

    public async Task<bool> EndAsync(string id, RunState state, string? result, DateTimeOffset ended, CancellationToken cancellationToken)
    {
        if (state == RunState.Accepted)
            throw new ArgumentException("A run ends as completed, failed or cancelled.", nameof(state));
        if (await ReadAsync(Key(id), cancellationToken) is not var (entry, run) || run.State != RunState.Accepted)
            return false;
        var end = run with { State = state, Result = result, Ended = ended };
        // A run changes once: another process that replaced it has ended it.
        if (await _values.PutAsync(Key(id), JsonSerializer.Serialize(end), entry, entry.Revision, HeadersOf(end), cancellationToken) is null)
            return false;
        await bucket.PurgeAsync(MarkOf(id, run.Created), cancellationToken);
        return true;
    }

    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken) =>
        await ReadAsync(Key(id), cancellationToken) is var (entry, run) && run.State != RunState.Accepted && await DeleteAsync(entry, cancellationToken);

    /// <summary>Deletes runs that ended before a given time, the oldest first.</summary>
    public async Task<int> PruneAsync(DateTimeOffset endedBefore, int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        var old = (await bucket.ListAsync(Runs + ">", 0, headersOnly: true, cancellationToken))
            .Where(e => e.Header(EndedAt) is { } ended && long.Parse(ended, CultureInfo.InvariantCulture) < endedBefore.UtcTicks)
            .OrderBy(e => long.Parse(e.Header(EndedAt)!, CultureInfo.InvariantCulture)).Take(most);
        var deleted = 0;
        foreach (var entry in old)
            deleted += await DeleteAsync(entry, cancellationToken) ? 1 : 0;
        return deleted;
    }

    private static string Key(string id) => Runs + NatsNames.Part(id);

    private static string MarkOf(string id, DateTimeOffset created) => $"{Open}{created.UtcTicks.ToString(CultureInfo.InvariantCulture)}.{NatsNames.Part(id)}";

    private static string Text(RunState state) => ((int)state).ToString(CultureInfo.InvariantCulture);

    private static NatsHeaders HeadersOf(RunRecord run)
    {
        var headers = new NatsHeaders { { State, Text(run.State) }, { Created, run.Created.UtcTicks.ToString(CultureInfo.InvariantCulture) } };
        if (run.Ended is { } ended)
            headers.Add(EndedAt, ended.UtcTicks.ToString(CultureInfo.InvariantCulture));
        return headers;
    }

    private async Task<(BucketEntry Entry, RunRecord Run)?> ReadAsync(string key, CancellationToken cancellationToken) =>
        await _values.FindAsync(key, cancellationToken) is var (entry, text) ? (entry, JsonSerializer.Deserialize<RunRecord>(text)!) : null;

    private async Task<bool> DeleteAsync(BucketEntry entry, CancellationToken cancellationToken)
    {
        if (!await bucket.DeleteAsync(entry.Revision, cancellationToken))
            return false;
        await _values.ForgetAsync(entry, cancellationToken);
        return true;
    }

    /// <summary>Place of a run in the list: newest first, then by key.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(long Ticks, string Key)
    {
        public bool IsAfter(Place other) => Ticks < other.Ticks || (Ticks == other.Ticks && string.CompareOrdinal(Key, other.Key) > 0);

        public override string ToString() => $"{Ticks.ToString(CultureInfo.InvariantCulture)}-{Key}";

        /// <exception cref="FormatException">The text is no place.</exception>
        public static Place Parse(string text) =>
            text.IndexOf('-', StringComparison.Ordinal) is var at and > 0 && at < text.Length - 1 && long.TryParse(text[..at], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && text.AsSpan(at + 1).IndexOfAnyExcept(s_allowed) < 0
                ? new Place(ticks, text[(at + 1)..])
                : throw new FormatException($"'{text}' is no page's 'next'.");
    }

    private static readonly System.Buffers.SearchValues<char> s_allowed =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=");
}

using System.Collections.Concurrent;

namespace ServerlessLoki.Serving.Memory;

/// <summary>Limit on the bytes that running requests and runs may hold together: bodies, charged as they arrive, and their unpacked
/// content. Thread-safe.</summary>
/// <remarks>When the budget is full, the upload that has held most for longest ends: a share is worth its bytes times its age,
/// so a slow one goes before a quick one of the same size, and a newcomer is refused only where nothing slower is there.</remarks>
/// <param name="most">Most bytes. A single holder always gets what it asks for.</param>
/// <param name="time">Clock; null = the machine's.</param>
public sealed partial class ByteBudget(long most, TimeProvider? time = null)
{
    /// <summary>Age below which uploads are not ended in favour of others, so that a burst of quick ones does not end itself.</summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(1);

    /// <summary>Most connections and keys that are remembered while they have no request: finding one takes no lock, making one
    /// does.</summary>
    private const int MostIdle = 1024;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private readonly LiveSet<Share> _uploads = new();
    private readonly ConcurrentDictionary<(string Kind, string Name), Account> _accounts = [];
    private int _names;
    private int _mostNames = MostIdle;
    private long _used;

    /// <summary>Bytes in use.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Most bytes of one connection, and of one key.</summary>
    private long OneCaller => most / 4;

    /// <summary>Takes a share until it is disposed.</summary>
    /// <param name="bytes">Bytes it starts with.</param>
    /// <param name="connection">Connection that carries several requests at a time; null = any other connection.</param>
    /// <param name="key">Name of the caller's key; null = none.</param>
    /// <exception cref="ApiFaultException">429: too much is in hand already.</exception>
    public Share Take(long bytes, string? connection = null, string? key = null)
    {
        var share = new Share(this, _time.GetTimestamp(), Open(connection, "connection"), Open(key, "key"));
        try
        {
            share.Resize(bytes);
        }
        catch
        {
            share.Dispose();
            throw;
        }

        return share;
    }

    private Account? Open(string? name, string kind)
    {
        if (name is null)
            return null;
        while (true)
        {
            if (_accounts.TryGetValue((kind, name), out var account))
            {
                if (account.TryEnter())
                    return account;
                // It is being forgotten.
                _accounts.TryRemove(KeyValuePair.Create((kind, name), account));
            }
            else if (_accounts.TryAdd((kind, name), new Account(kind, name)) && Interlocked.Increment(ref _names) > Volatile.Read(ref _mostNames))
            {
                ForgetIdle();
            }
        }
    }

    private void ForgetIdle()
    {
        foreach (var (name, account) in _accounts)
        {
            if (!account.TryClose())
                continue;
            _accounts.TryRemove(KeyValuePair.Create(name, account));
            Interlocked.Decrement(ref _names);
        }

        Volatile.Write(ref _mostNames, Math.Max(MostIdle, 2 * Volatile.Read(ref _names)));
    }

    /// <summary>Ends slow uploads until the share fits, else throws.</summary>
    private void MakeRoom(Share share)
    {
        lock (_gate)
        {
            while (share.Ended is null && !Fits(share))
            {
                if (!EndSlowest(static _ => true))
                    throw Full($"Requests in hand hold {(Used - share.Bytes) >> 20} of {most >> 20} MB: there is no room for {share.Bytes} more bytes. Try again shortly.");
            }
        }
    }

    /// <summary>Ends slow uploads of the same connection or key until the share fits into their part, else throws.</summary>
    private void Require(Share share, Account? account, long bytes)
    {
        if (account is null || account.Fits(OneCaller, bytes))
            return;
        lock (_gate)
        {
            while (share.Ended is null && !account.Fits(OneCaller, bytes))
            {
                if (!EndSlowest(u => u.IsOf(account)))
                    throw Full($"Requests in hand of this {account.Kind} may hold {OneCaller} bytes together: there is no room for {bytes} more. Send fewer at a time.");
            }
        }
    }

    private bool EndSlowest(Func<Share, bool> among)
    {
        var now = _time.GetTimestamp();
        while (_uploads.Items()
            .Where(u => u.Ended is null && among(u) && _time.GetElapsedTime(u.Since, now) >= LeastAge)
            .MaxBy(u => u.Bytes * _time.GetElapsedTime(u.Since, now).TotalSeconds) is { } slowest)
        {
            if (slowest.TryEnd(Full(
                $"The memory for requests in hand is full, and this upload held {slowest.Bytes} bytes of it for {_time.GetElapsedTime(slowest.Since, now).TotalSeconds:0} s, the largest share. Try again, faster or with less.")))
            {
                return true;
            }
        }

        return false;
    }

    private bool Fits(Share share) => Used is var used && (used <= most || used == share.Bytes);

    private static ApiFaultException Full(string message) => new(429, "rejected", message, TimeSpan.FromSeconds(1));

    /// <summary>Bytes of one connection or key: at most a quarter of the budget, except for a single request.</summary>
    internal sealed class Account(string kind, string name)
    {
        private const int Closed = -1;
        private long _used;
        private int _requests;

        public string Kind => kind;

        public string Name => name;

        /// <summary>Counts one more request; false where the account was closed.</summary>
        public bool TryEnter()
        {
            var requests = Volatile.Read(ref _requests);
            while (requests != Closed)
            {
                var seen = Interlocked.CompareExchange(ref _requests, requests + 1, requests);
                if (seen == requests)
                    return true;
                requests = seen;
            }

            return false;
        }

        public void Leave() => Interlocked.Decrement(ref _requests);

        /// <summary>Closes the account to new requests; false while it has one.</summary>
        public bool TryClose() => Interlocked.CompareExchange(ref _requests, Closed, 0) == 0;

        public void Add(long bytes) => Interlocked.Add(ref _used, bytes);

        public bool Fits(long most, long share) => Interlocked.Read(ref _used) is var used && (used <= most || used == share);
    }
}

using System.IO.Pipelines;

namespace ServerlessLoki.Serving.Api;

/// <summary>Bytes that requests in hand may hold together. A request is charged for what has arrived, not for what it announces.</summary>
/// <remarks>When the budget is full, the upload that has held most for longest ends: a share is worth its bytes times its age,
/// so a slow one goes before a quick one of the same size, and a newcomer is refused only where nothing slower is there.</remarks>
/// <param name="most">Most bytes. A single request is always taken when no other is there.</param>
/// <param name="time">Clock.</param>
internal sealed class ByteBudget(long most, TimeProvider time)
{
    /// <summary>Younger uploads are not ended for others: a burst of quick ones must not push itself out.</summary>
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Share> _uploads = [];
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private long _used;

    /// <summary>Most bytes of one connection, and of one key.</summary>
    private long OneCaller => most / 4;

    /// <summary>Bytes in hand.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes a share until it is disposed.</summary>
    /// <param name="bytes">Bytes it starts with.</param>
    /// <param name="connection">Connection that carries several requests at a time; null = any other.</param>
    /// <param name="key">Name of the caller's key; null = none.</param>
    /// <exception cref="ApiFaultException">429: too much is in hand already.</exception>
    public Share Take(long bytes, string? connection = null, string? key = null)
    {
        var share = new Share(this, time.GetTimestamp(), Open(connection, "connection"), Open(key, "key"));
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

    private Account? Open(string? id, string kind)
    {
        if (id is null)
            return null;
        lock (_gate)
        {
            id = $"{kind} {id}";
            if (!_accounts.TryGetValue(id, out var account))
                _accounts[id] = account = new Account(id, kind);
            account.Requests++;
            return account;
        }
    }

    private void Close(Account? account)
    {
        if (account is null)
            return;
        lock (_gate)
        {
            if (--account.Requests == 0)
                _accounts.Remove(account.Id);
        }
    }

    /// <summary>Ends slow uploads until the share fits, else throws.</summary>
    private void MakeRoom(Share share)
    {
        lock (_gate)
        {
            while (share.Ended is null && !Fits(share))
            {
                var now = time.GetTimestamp();
                var slowest = _uploads
                    .Where(u => time.GetElapsedTime(u.Since, now) >= LeastAge)
                    .MaxBy(u => u.Bytes * time.GetElapsedTime(u.Since, now).TotalSeconds);
                if (slowest is null)
                    throw Full($"Requests in hand hold {(Used - share.Bytes) >> 20} of {most >> 20} MB: there is no room for {share.Bytes} more bytes. Try again shortly.");
                _uploads.Remove(slowest);
                slowest.End(Full(
                    $"The memory for requests in hand is full, and this upload held {slowest.Bytes} bytes of it for {time.GetElapsedTime(slowest.Since, now).TotalSeconds:0} s, the largest share. Try again, faster or with less."));
            }
        }
    }

    private bool Fits(Share share) => Used is var used && (used <= most || used == share.Bytes);

    private static ApiFaultException Full(string message) => new(429, "rejected", message, TimeSpan.FromSeconds(1));

    /// <summary>What one connection or key holds: at most a quarter of the budget, except for a single request.</summary>
    internal sealed class Account(string id, string kind)
    {
        private long _used;

        public string Id => id;

        public int Requests { get; set; }

        public void Add(long bytes) => Interlocked.Add(ref _used, bytes);

        public bool Fits(long most, long share) => Interlocked.Read(ref _used) is var used && (used <= most || used == share);

        public void Require(long most, long share)
        {
            if (!Fits(most, share))
                throw Full($"Requests in hand of this {kind} may hold {most} bytes together: there is no room for {share} more. Send fewer at a time.");
        }
    }

    /// <summary>What one request holds.</summary>
    internal sealed class Share : IDisposable
    {
        private readonly ByteBudget _budget;
        private readonly Account? _connection;
        private readonly Account? _key;
        private long _bytes;
        private PipeReader? _upload;
        private bool _disposed;

        public Share(ByteBudget budget, long since, Account? connection, Account? key) =>
            (_budget, Since, _connection, _key) = (budget, since, connection, key);

        public long Since { get; }

        public long Bytes => Interlocked.Read(ref _bytes);

        /// <summary>Why the upload was ended for others; null = it was not.</summary>
        public ApiFaultException? Ended { get; private set; }

        /// <summary>Now it is this much: more of the body came, its length became known, or an image is to be unpacked. Slow uploads of
        /// others end where the budget is full.</summary>
        /// <exception cref="ApiFaultException">429: there is no room for more.</exception>
        public void Resize(long bytes)
        {
            if (Ended is { } before)
                throw before;
            var held = Set(bytes);
            if (bytes <= held)
                return;
            try
            {
                _connection?.Require(_budget.OneCaller, bytes);
                _key?.Require(_budget.OneCaller, bytes);
                if (!_budget.Fits(this))
                    _budget.MakeRoom(this);
                if (Ended is { } ended)
                    throw ended;
            }
            catch
            {
                Set(Ended is null ? held : 0);
                throw;
            }
        }

        /// <summary>As <see cref="Resize"/> where it costs nobody anything; false = nothing changed.</summary>
        public bool TryResize(long bytes)
        {
            if (Ended is not null)
                return false;
            var held = Set(bytes);
            if (_budget.Fits(this) && _connection?.Fits(_budget.OneCaller, bytes) != false && _key?.Fits(_budget.OneCaller, bytes) != false)
                return true;
            Set(Ended is null ? held : 0);
            return false;
        }

        /// <summary>The body is being waited for: from now on it may be ended in favour of others, by a cancelled read.</summary>
        public void BeginUpload(PipeReader body)
        {
            if (_upload is not null)
                return;
            lock (_budget._gate)
            {
                _upload = body;
                _budget._uploads.Add(this);
            }
        }

        /// <summary>Nothing more is waited for.</summary>
        public void EndUpload()
        {
            if (_upload is null)
                return;
            lock (_budget._gate)
            {
                _upload = null;
                _budget._uploads.Remove(this);
            }
        }

        public void Dispose()
        {
            if (_disposed)
                return;
            _disposed = true;
            EndUpload();
            Set(0);
            _budget.Close(_connection);
            _budget.Close(_key);
        }

        /// <summary>Called under the budget's lock, so that the reader outlives the call.</summary>
        internal void End(ApiFaultException why)
        {
            Ended = why;
            Set(0);
            _upload?.CancelPendingRead();
        }

        private long Set(long bytes)
        {
            var before = Interlocked.Exchange(ref _bytes, bytes);
            Interlocked.Add(ref _budget._used, bytes - before);
            _connection?.Add(bytes - before);
            _key?.Add(bytes - before);
            return before;
        }
    }
}

using System.IO.Pipelines;

namespace ServerlessLoki.Serving.Memory;

/// <content>What one holder has.</content>
public sealed partial class ByteBudget
{
    /// <summary>What one request or run holds, until it is disposed or moved.</summary>
    public sealed class Share : IDisposable
    {
        private readonly ByteBudget _budget;
        private Account? _connection;
        private Account? _key;
        private long _bytes;
        private LiveSet<Share>.Place? _place;
        private PipeReader? _upload;
        private volatile ApiFaultException? _ended;
        private volatile bool _isCut;
        private int _disposed;

        internal Share(ByteBudget budget, long since, Account? connection, Account? key) =>
            (_budget, Since, _connection, _key) = (budget, since, connection, key);

        internal long Since { get; }

        /// <summary>True for a share of that connection or key.</summary>
        internal bool IsOf(Account account) => _connection == account || _key == account;

        internal long Bytes => Interlocked.Read(ref _bytes);

        /// <summary>Why the upload was ended for others; null = it was not.</summary>
        internal ApiFaultException? Ended => _ended;

        /// <summary>Now it is this much: more of the body came, its length became known, or an image is to be unpacked. Slow uploads of
        /// others end where the budget is full.</summary>
        /// <exception cref="ApiFaultException">429: there is no room for more; it holds what it held before.</exception>
        public void Resize(long bytes)
        {
            if (Ended is { } before)
                throw before;
            var held = Set(bytes);
            if (bytes <= held)
                return;
            try
            {
                _budget.Require(this, _connection, bytes);
                _budget.Require(this, _key, bytes);
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

        /// <summary>More is to be taken.</summary>
        /// <exception cref="ApiFaultException">429, as of <see cref="Resize"/>.</exception>
        internal void Grow(long bytes) => Resize(Bytes + bytes);

        /// <summary>Takes another share for the same caller, which lives for a time of its own.</summary>
        /// <exception cref="ApiFaultException">429, as of <see cref="Resize"/>.</exception>
        internal Share Beside(long bytes) => _budget.Take(bytes, _connection?.Name, _key?.Name);

        /// <inheritdoc />
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
                return;
            EndUpload();
            Set(0);
            _connection?.Leave();
            _key?.Leave();
        }

        /// <summary>As <see cref="Resize"/> where it costs nobody anything; false = nothing changed.</summary>
        internal bool TryResize(long bytes)
        {
            if (Ended is not null)
                return false;
            var held = Set(bytes);
            if (_budget.Fits(this) && _connection?.Fits(_budget.OneCaller, bytes) != false && _key?.Fits(_budget.OneCaller, bytes) != false)
                return true;
            Set(Ended is null ? held : 0);
            return false;
        }

        /// <summary>Hands what it has on to another holder; this one then has nothing. Not during an upload.</summary>
        internal Share Move()
        {
            var moved = new Share(_budget, Since, _connection, _key) { _bytes = Interlocked.Exchange(ref _bytes, 0) };
            (_connection, _key) = (null, null);
            return moved;
        }

        /// <summary>The body is being waited for: from now on it may be ended in favour of others, by a cancelled read.</summary>
        internal void BeginUpload(PipeReader body)
        {
            if (_place is not null)
                return;
            Volatile.Write(ref _upload, body);
            _place = _budget._uploads.NewPlace();
            _place.Item = this;
        }

        /// <summary>Nothing more is waited for.</summary>
        internal void EndUpload()
        {
            if (_place is null)
                return;
            _budget._uploads.Leave(_place);
            _place = null;
            // Who took the reader away cancels its read; the next request has the same reader, whose read that must not be.
            if (Interlocked.Exchange(ref _upload, null) is null)
                SpinWait.SpinUntil(() => _isCut);
        }

        /// <summary>Ends the upload, unless that is over. Called under the budget's lock.</summary>
        internal bool TryEnd(ApiFaultException why)
        {
            if (Interlocked.Exchange(ref _upload, null) is not { } upload)
                return false;
            _ended = why;
            Set(0);
            try
            {
                upload.CancelPendingRead();
            }
            finally
            {
                _isCut = true;
            }

            return true;
        }

        /// <summary>Sets it without asking.</summary>
        internal long Set(long bytes)
        {
            var before = Interlocked.Exchange(ref _bytes, bytes);
            Interlocked.Add(ref _budget._used, bytes - before);
            _connection?.Add(bytes - before);
            _key?.Add(bytes - before);
            if (bytes < before)
                _budget.Freed();
            return before;
        }
    }
}

using System.IO.Pipelines;

namespace ServerlessLoki.Serving.Memory;

/// <content>What one holder has.</content>
public sealed partial class ByteBudget
{
    /// <summary>Bytes that one request or run holds, until the share is disposed or moved.</summary>
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

        /// <summary>Tests whether the share belongs to that connection or key.</summary>
        internal bool IsOf(Account account) => _connection == account || _key == account;

        internal long Bytes => Interlocked.Read(ref _bytes);

        /// <summary>Reason why the upload was ended in favour of others; null = it was not.</summary>
        internal ApiFaultException? Ended => _ended;

        /// <summary>Sets the size of the share: more of the body came, its length became known, or an image is to be unpacked. Slow uploads
        /// of others end where the budget is full.</summary>
        /// <exception cref="ApiFaultException">429: there is no room for more; the share keeps its size.</exception>
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

        /// <summary>Enlarges the share.</summary>
        /// <exception cref="ApiFaultException">429, as of <see cref="Resize"/>.</exception>
        internal void Grow(long bytes) => Resize(Bytes + bytes);

        /// <summary>Takes another share for the same caller, which has its own lifetime.</summary>
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

        /// <summary>Sets the size like <see cref="Resize"/> where that ends no upload; false = nothing changed.</summary>
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

        /// <summary>Moves the bytes to a new share; this one then has none. Not during an upload.</summary>
        internal Share Move()
        {
            var moved = new Share(_budget, Since, _connection, _key) { _bytes = Interlocked.Exchange(ref _bytes, 0) };
            (_connection, _key) = (null, null);
            return moved;
        }

        /// <summary>Starts to wait for the body: from now on the upload may be ended in favour of others, by a cancelled read.</summary>
        internal void BeginUpload(PipeReader body)
        {
            if (_place is not null)
                return;
            Volatile.Write(ref _upload, body);
            _place = _budget._uploads.NewPlace();
            _place.Item = this;
        }

        /// <summary>Ends the wait for the body.</summary>
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

        /// <summary>Ends the upload, unless it is over. Called under the budget's lock.</summary>
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

        /// <summary>Sets the size without a check.</summary>
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

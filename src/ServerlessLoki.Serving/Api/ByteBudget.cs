namespace ServerlessLoki.Serving.Api;

/// <summary>Bytes that requests and runs in hand may hold together: bodies, and what they unpack to. Thread-safe.</summary>
/// <param name="most">Most bytes. A single holder is always given what it asks for.</param>
public sealed class ByteBudget(long most)
{
    private readonly long _most = most;
    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiting = new();
    private long _used;

    /// <summary>Bytes in hand.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
                return _used;
        }
    }

    /// <summary>Takes a share until it is disposed.</summary>
    /// <exception cref="ApiFaultException">429: too much is in hand already.</exception>
    public Share Take(long bytes)
    {
        var share = new Share(this);
        share.Resize(bytes);
        return share;
    }

    /// <summary>Takes a share as soon as it fits into half of the budget: what can wait leaves the other half to what cannot.</summary>
    public async ValueTask<Share> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_waiting.Count == 0 && FitsPatient(bytes))
                return Grant(bytes);
            waiter = new Waiter(bytes, new TaskCompletionSource<Share>(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiting.Enqueue(waiter);
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (budget, waiter) = ((ByteBudget, Waiter))state!;
                if (!waiter.Granted.TrySetCanceled(token))
                    return;
                // It may have been the one that the others wait behind.
                lock (budget._gate)
                    budget.Serve();
            },
            (this, waiter));
        return await waiter.Granted.Task;
    }

    private bool FitsPatient(long bytes) => _used == 0 || _used + bytes <= _most / 2;

    private Share Grant(long bytes)
    {
        _used += bytes;
        return new Share(this, bytes);
    }

    /// <summary>Gives those that wait what fits, first come first served.</summary>
    private void Serve()
    {
        while (_waiting.TryPeek(out var next))
        {
            if (next.Granted.Task.IsCanceled)
            {
                _waiting.Dequeue();
                continue;
            }

            if (!FitsPatient(next.Bytes))
                return;
            _waiting.Dequeue();
            var share = Grant(next.Bytes);
            if (!next.Granted.TrySetResult(share))
                share.Free();
        }
    }

    /// <summary>What one holder has.</summary>
    public sealed class Share : IDisposable
    {
        private readonly ByteBudget _budget;
        private long _bytes;

        internal Share(ByteBudget budget, long bytes = 0) => (_budget, _bytes) = (budget, bytes);

        /// <summary>Now it is this much: the body's length became known, or what it unpacks to.</summary>
        /// <exception cref="ApiFaultException">429: more than before, and there is no room.</exception>
        public void Resize(long bytes)
        {
            lock (_budget._gate)
            {
                var others = _budget._used - _bytes;
                if (bytes > _bytes && others > 0 && others + bytes > _budget._most)
                {
                    throw new ApiFaultException(
                        429, "rejected", $"Requests in hand hold {others >> 20} of {_budget._most >> 20} MB: there is no room for {bytes} more bytes. Try again shortly.",
                        TimeSpan.FromSeconds(1));
                }

                var frees = bytes < _bytes;
                (_budget._used, _bytes) = (others + bytes, bytes);
                if (frees)
                    _budget.Serve();
            }
        }

        /// <summary>Hands what it has on to another holder; this one then has nothing.</summary>
        internal Share Move()
        {
            lock (_budget._gate)
            {
                var moved = new Share(_budget, _bytes);
                _bytes = 0;
                return moved;
            }
        }

        /// <inheritdoc />
        public void Dispose() => Resize(0);

        /// <summary>The same while the budget's lock is held.</summary>
        internal void Free() => (_budget._used, _bytes) = (_budget._used - _bytes, 0);
    }

    private sealed record Waiter(long Bytes, TaskCompletionSource<Share> Granted);
}

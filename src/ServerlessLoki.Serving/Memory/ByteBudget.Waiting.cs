namespace ServerlessLoki.Serving.Memory;

/// <content>Holders that can wait: runs.</content>
public sealed partial class ByteBudget
{
    private readonly Queue<Waiter> _waiting = new();
    private int _waiters;

    /// <summary>Takes a share as soon as it fits into half of the budget; the other half is left to requests, which cannot wait.</summary>
    public async ValueTask<Share> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(bytes, new TaskCompletionSource<Share>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            _waiting.Enqueue(waiter);
            // First told, then looked: what is freed from now on is seen here or there.
            Interlocked.Increment(ref _waiters);
            Serve();
        }

        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (budget, waiter) = ((ByteBudget, Waiter))state!;
                if (!waiter.Granted.TrySetCanceled(token))
                    return;
                // It may have been the one that the others wait behind.
                budget.Freed();
            },
            (this, waiter));
        return await waiter.Granted.Task;
    }

    private void Freed()
    {
        if (Volatile.Read(ref _waiters) == 0)
            return;
        lock (_gate)
            Serve();
    }

    /// <summary>Gives shares to the waiting holders where they fit, in order of arrival.</summary>
    private void Serve()
    {
        while (_waiting.TryPeek(out var next))
        {
            if (!next.Granted.Task.IsCompleted && Used is var used && used != 0 && used + next.Bytes > most / 2)
                return;
            _waiting.Dequeue();
            Interlocked.Decrement(ref _waiters);
            if (next.Granted.Task.IsCompleted)
                continue;
            var share = new Share(this, _time.GetTimestamp(), null, null);
            share.Set(next.Bytes);
            if (!next.Granted.TrySetResult(share))
                share.Set(0);
        }
    }

    private sealed record Waiter(long Bytes, TaskCompletionSource<Share> Granted);
}

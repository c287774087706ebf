using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Lease of a run that this process executes, renewed until it is disposed.</summary>
internal sealed class RunLease : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;

    /// <summary>Lease of a process that has the store for itself.</summary>
    public static RunLease None { get; } = new();

    private RunLease() => _renewing = Task.CompletedTask;

    /// <summary>Renews a lease that was claimed.</summary>
    /// <param name="state">Store of the lease.</param>
    /// <param name="place">Place that was claimed.</param>
    /// <param name="owner">This process.</param>
    /// <param name="duration">Time without a renewal after which another process may claim it.</param>
    /// <param name="time">Clock.</param>
    /// <param name="lost">Cancelled when another process holds the place, or nothing was heard of the store for so long that one may.</param>
    public RunLease(IStateStore state, string place, string owner, TimeSpan duration, TimeProvider time, CancellationTokenSource lost) =>
        _renewing = RenewAsync(state, place, owner, duration, time, lost, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        if (ReferenceEquals(this, None))
            return;
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
    }

    private static async Task RenewAsync(
        IStateStore state, string place, string owner, TimeSpan duration, TimeProvider time, CancellationTokenSource lost, CancellationToken stop)
    {
        var renewed = time.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(duration / 3, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                break;
            try
            {
                var isHeld = await state.ClaimAsync(place, owner, time.GetUtcNow(), duration, stop);
                if (isHeld)
                    renewed = time.GetTimestamp();
                else
                    await lost.CancelAsync();
            }
            catch (Exception) when (!stop.IsCancellationRequested)
            {
                // The store is away. The run's first end counts, so going on does no harm.
                if (time.GetElapsedTime(renewed) > duration)
                    await lost.CancelAsync();
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (lost.IsCancellationRequested)
                return;
        }

        try
        {
            await state.ReleaseAsync(place, owner, CancellationToken.None);
        }
        catch (Exception)
        {
            // It lapses by itself.
        }
    }
}

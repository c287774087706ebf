using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Runs;

/// <content>Runs of several processes that share one store.</content>
public sealed partial class RunService
{
    /// <summary>Prefix of the places by which a process holds the runs that it executes.</summary>
    private const string Place = "run/";

    /// <summary>Takes up runs of other processes: each is executed by the process that claims it.</summary>
    private async Task TakeUpAsync()
    {
        var stop = _stop.Token;
        try
        {
            using var timer = new PeriodicTimer(_options.Lease / 3, _time);
            while (await timer.WaitForNextTickAsync(stop))
            {
                try
                {
                    foreach (var run in await _state.UnfinishedRunsAsync(stop))
                        Add(run);
                }
                catch (Exception e) when (!stop.IsCancellationRequested)
                {
                    LogKeepFailed(_logger, e);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <summary>Claims a run for this process while it executes it.</summary>
    /// <param name="item">Run to claim.</param>
    /// <param name="lost">Cancelled when another process holds the run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Lease to dispose after the execution; null when another process executes the run, or has ended it.</returns>
    private async ValueTask<RunLease?> HoldAsync(RunItem item, CancellationTokenSource lost, CancellationToken cancellationToken)
    {
        if (_options.Owner is not { } owner)
            return RunLease.None;
        var id = item.Run.Id;
        if (!await _state.ClaimAsync(Place + id, owner, _time.GetUtcNow(), _options.Lease, cancellationToken))
        {
            // It comes again with the next look, if it has not ended by then.
            _items.TryRemove(id, out _);
            return null;
        }

        var lease = new RunLease(_state, Place + id, owner, _options.Lease, _time, lost);
        if (await _state.FindRunAsync(id, cancellationToken) is { State: RunState.Accepted })
            return lease;
        _items.TryRemove(id, out _);
        await ForgetPayloadAsync(item.Run);
        await lease.DisposeAsync();
        return null;
    }
}

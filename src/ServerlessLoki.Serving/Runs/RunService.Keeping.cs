using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Runs;

/// <content>What happens to runs after their end.</content>
public sealed partial class RunService
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan KeepEvery = TimeSpan.FromMinutes(1);

    /// <summary>Deletes runs that ended long ago, and logs when the store stops or begins to accept writes.</summary>
    private async Task KeepAsync()
    {
        var stop = _stop.Token;
        var wasDown = false;
        try
        {
            using var timer = new PeriodicTimer(KeepEvery, _time);
            do
            {
                wasDown = await TryKeepAsync(wasDown, stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> TryKeepAsync(bool wasDown, CancellationToken stop)
    {
        try
        {
            // In pieces: writers wait for one piece at most.
            while (await _keeper.PruneRunsAsync(_time.GetUtcNow() - _options.Keep, MostAtOnce, stop) == MostAtOnce)
                await Task.Yield();
            if (wasDown)
                LogStoreBack(_logger);
            return false;
        }
        catch (StoreUnavailableException e)
        {
            if (!wasDown)
                LogStoreDown(_logger, e.Message);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogKeepFailed(_logger, e);
            return wasDown;
        }
    }
}

namespace ServerlessLoki.Serving;

/// <summary>Background loops of an engine, which run until it is stopped. A fault of one step does not end its loop.</summary>
/// <param name="time">Clock.</param>
/// <param name="failed">Receives each fault.</param>
internal sealed class EngineLoops(TimeProvider time, Action<Exception> failed) : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];

    /// <summary>Token that is cancelled once the loops are to end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts a loop that runs a step after each interval.</summary>
    public void Add(TimeSpan interval, Func<CancellationToken, Task> step) => Add(async cancellationToken =>
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            await TryAsync(() => step(cancellationToken));
    });

    /// <summary>Starts a loop that has its own timing.</summary>
    public void Add(Func<CancellationToken, Task> loop) => _loops.Add(RunAsync(loop));

    /// <summary>Runs a step and reports its fault instead of throwing.</summary>
    public async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop.
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }

    /// <summary>Ends all loops; steps under way end first.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await Task.Run(() => loop(_stopping.Token), _stopping.Token);
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Asked to stop: what was under way may end in any way.
        }
    }
}

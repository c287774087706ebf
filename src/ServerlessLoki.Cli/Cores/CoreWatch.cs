namespace ServerlessLoki.Cli.Cores;

/// <summary>Recorder of other processes' use of the cores, each half second.</summary>
internal sealed class CoreWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(0.5);
    private readonly ICores _cores;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly List<(double At, CoreTimes Times)> _samples = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <summary>Starts to record; times count from now.</summary>
    public CoreWatch(ICores cores, TimeProvider time)
    {
        (_cores, _time, _start) = (cores, time, time.GetTimestamp());
        Note();
        _watching = WatchAsync();
    }

    /// <summary>Returns the use until now.</summary>
    public CoreUse Use()
    {
        Note();
        lock (_gate)
            return new CoreUse([.. _samples]);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Period, _time);
        while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            Note();
    }

    private void Note()
    {
        lock (_gate)
        {
            if (_cores.Read() is { } times)
                _samples.Add((_time.GetElapsedTime(_start).TotalSeconds, times));
        }
    }
}

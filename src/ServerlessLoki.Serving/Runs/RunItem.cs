using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Run that has not ended, as the service keeps it in memory: without its input.</summary>
internal sealed class RunItem(RunRecord run)
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private bool _cancelled;

    public RunRecord Run { get; } = run;

    /// <summary>Number of times that a model failed on the run.</summary>
    public int Failures { get; set; }

    /// <summary>Bytes that the run holds once it is read, where there was no room for them; 0 until then. The next attempt waits for that
    /// room before it begins.</summary>
    public long HeldBytes { get; set; }

    /// <summary>Number of times that the run was put back.</summary>
    public int Retries { get; set; }

    /// <summary>Starts an attempt; null when the caller has cancelled the run.</summary>
    public CancellationTokenSource? Begin(CancellationToken stop)
    {
        lock (_gate)
        {
            if (_cancelled)
                return null;
            return _running = CancellationTokenSource.CreateLinkedTokenSource(stop);
        }
    }

    public void Finish()
    {
        lock (_gate)
        {
            _running?.Dispose();
            _running = null;
        }
    }

    public void Cancel()
    {
        lock (_gate)
        {
            _cancelled = true;
            _running?.Cancel();
        }
    }
}

using ServerlessLoki.Functions.Setup;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Functions.Durable;

/// <summary>Number of runs that have not ended, of all instances of the app. It is read at intervals, since each reading accesses the
/// store.</summary>
public sealed class RunBacklog(IStateStore state, FunctionSettings settings, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private int _count;
    private long? _looked;

    /// <summary>Number of runs as of the last reading, plus those accepted here since.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one more run.</summary>
    /// <exception cref="ApiFaultException">Too many wait (503).</exception>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            if (_looked is not { } looked || time.GetElapsedTime(looked) > Fresh)
            {
                Volatile.Write(ref _count, await state.CountUnfinishedRunsAsync(settings.MaxRuns, cancellationToken));
                _looked = time.GetTimestamp();
            }
        }
        finally
        {
            _looking.Release();
        }

        if (Count >= settings.MaxRuns)
            throw new ApiFaultException(503, "unavailable", $"{Count} runs wait already.", Fresh);
        Interlocked.Increment(ref _count);
    }

    /// <inheritdoc />
    public void Dispose() => _looking.Dispose();
}

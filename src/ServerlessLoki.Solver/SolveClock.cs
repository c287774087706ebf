namespace ServerlessLoki.Solver;

/// <summary>Time limit and cancellation of one solve, on the caller's clock.</summary>
internal sealed class SolveClock
{
    private readonly TimeProvider? _time;
    private readonly TimeSpan _limit;
    private readonly long _start;
    private readonly CancellationToken _cancellation;

    public SolveClock(SolveOptions options, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        IsOver = Check;
        if (options.TimeLimit is not { } limit)
            return;
        _time = options.TimeProvider;
        _limit = limit;
        _start = _time!.GetTimestamp();
    }

    /// <summary>Tests whether the time is used up; throws when cancelled. One delegate, so that the test allocates nothing.</summary>
    public Func<bool> IsOver { get; }

    private bool Check()
    {
        _cancellation.ThrowIfCancellationRequested();
        return _time is not null && _time.GetElapsedTime(_start) >= _limit;
    }
}

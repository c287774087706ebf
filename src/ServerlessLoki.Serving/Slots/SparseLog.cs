namespace ServerlessLoki.Serving.Slots;

/// <summary>Lets something be logged once in a while, and counts what was not. Thread-safe.</summary>
internal sealed class SparseLog
{
    private const long EveryUs = 10_000_000;
    private readonly Lock _gate = new();
    private long? _lastUs;
    private long _count;

    /// <summary>Adds what happened now.</summary>
    /// <param name="nowUs">Time, microseconds.</param>
    /// <param name="more">How much happened.</param>
    /// <param name="count">All that happened since the last that was logged.</param>
    /// <returns>True if it is to be logged.</returns>
    public bool IsDue(long nowUs, int more, out long count)
    {
        lock (_gate)
        {
            count = _count += more;
            if (nowUs - _lastUs < EveryUs)
                return false;
            (_lastUs, _count) = (nowUs, 0);
            return true;
        }
    }
}

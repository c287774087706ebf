namespace ServerlessLoki.Serving.Queries;

/// <summary>Microseconds since the engine was built.</summary>
internal sealed class ServingClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public TimeProvider Time { get; } = time;

    public long NowUs => (long)Time.GetElapsedTime(_start).TotalMicroseconds;
}

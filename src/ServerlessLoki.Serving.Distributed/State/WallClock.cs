using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Conversion between the engine's clock and the wall clock, which all processes share.</summary>
internal static class WallClock
{
    /// <summary>Converts a time of the engine's clock to wall time.</summary>
    public static DateTimeOffset At(this ServingClock clock, long us) => clock.Time.GetUtcNow() + TimeSpan.FromMicroseconds(us - clock.NowUs);

    /// <summary>Converts wall time to the engine's clock, microseconds; below 0 before the engine was built.</summary>
    public static long UsAt(this ServingClock clock, DateTimeOffset time) => clock.NowUs + (long)(time - clock.Time.GetUtcNow()).TotalMicroseconds;
}

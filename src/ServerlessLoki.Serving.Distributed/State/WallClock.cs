using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Between the engine's clock and the wall's, which all processes share.</summary>
internal static class WallClock
{
    /// <summary>The wall's time of a moment on the engine's clock.</summary>
    public static DateTimeOffset At(this ServingClock clock, long us) => clock.Time.GetUtcNow() + TimeSpan.FromMicroseconds(us - clock.NowUs);

    /// <summary>The engine's clock at a moment of the wall's; below 0 before the engine was built.</summary>
    public static long UsAt(this ServingClock clock, DateTimeOffset time) => clock.NowUs + (long)(time - clock.Time.GetUtcNow()).TotalMicroseconds;
}

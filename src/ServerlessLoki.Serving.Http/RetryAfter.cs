using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Http;

/// <summary>Value of the <c>Retry-After</c> header.</summary>
internal static class RetryAfter
{
    /// <summary>Computes whole seconds, at least 1, rounded up, with up to a quarter more by the request's id so that refused callers do
    /// not return as one wave.</summary>
    public static long Seconds(TimeSpan after, string request)
    {
        var seconds = Math.Max(after.TotalSeconds, 0) * (1 + (0.25 * Jitter.Of(request)));
        return (long)Math.Clamp(Math.Ceiling(seconds), 1, 3600);
    }
}

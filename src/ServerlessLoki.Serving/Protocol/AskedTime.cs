using System.Globalization;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>The time that an inference gets: what its caller asks for, within what this host takes.</summary>
internal static class AskedTime
{
    /// <summary>The deadline to hand to the engine; null = the caller asked for none, and the engine's own applies.</summary>
    /// <param name="asked">The lowest of what the caller asked for; null = nothing.</param>
    /// <param name="otherwise">What the engine applies where nothing is asked for.</param>
    /// <param name="limits">What may be asked for.</param>
    /// <exception cref="ApiFaultException">400 above <see cref="InferLimits.MaxDeadline"/>.</exception>
    public static TimeSpan? Of(TimeSpan? asked, TimeSpan otherwise, InferLimits limits)
    {
        if (asked > limits.MaxDeadline)
        {
            throw ApiFaultException.Bad(string.Create(
                CultureInfo.InvariantCulture,
                $"{InferHeaders.DeadlineHeader}, $.parameters.latency_ms, $.parameters.timeout: the lowest asks for {asked.Value.TotalMilliseconds:0.###} ms, at most {limits.MaxDeadline.TotalMilliseconds:0.###} ms are taken here. Ask for less, or send the query as a durable run (POST /runs)."));
        }

        return (asked ?? otherwise) > limits.MostWait ? limits.MostWait : asked;
    }
}

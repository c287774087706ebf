using System.Globalization;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Deadline of an inference: the caller's, within the limits of this host.</summary>
internal static class AskedTime
{
    /// <summary>Returns the deadline for the engine; null = the caller asked for none, and the engine's own applies.</summary>
    /// <param name="asked">Lowest deadline that the caller asked for; null = none.</param>
    /// <param name="otherwise">Deadline that the engine applies where none is asked for.</param>
    /// <param name="limits">Limits of requests.</param>
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

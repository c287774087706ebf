namespace ServerlessLoki.Serving.Protocol;

/// <summary>Bounds that a request sets for itself; null = not set.</summary>
public sealed record InferParameters
{
    /// <summary>Largest deadline that a request can state, milliseconds: one day. <see cref="InferLimits.MaxDeadline"/> limits inferences
    /// further.</summary>
    public const double MaxLatencyMs = 86_400_000;

    /// <summary>Deadline of the request, counted from arrival: the lowest of <c>timeout</c> (µs), <c>latency_ms</c> and
    /// <c>x-deadline-ms</c>. It replaces the pipeline's SLO, shorter or longer. Null = the SLO.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Least acceptable expected accuracy, 0..1: the higher of <c>min_accuracy</c> and <c>x-min-accuracy</c>.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>Returns the bounds with another deadline: the lower one counts.</summary>
    public InferParameters Within(TimeSpan? deadline) =>
        deadline is { } d && !(Latency <= d) ? this with { Latency = d } : this;

    /// <summary>Returns the bounds combined with those of the headers: the stricter one counts.</summary>
    public InferParameters Within(InferHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var within = Within(headers.Deadline);
        return headers.MinAccuracy is { } least && !(within.MinAccuracy >= least) ? within with { MinAccuracy = least } : within;
    }
}

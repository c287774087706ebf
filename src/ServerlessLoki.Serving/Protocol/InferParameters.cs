namespace ServerlessLoki.Serving.Protocol;

/// <summary>The bounds that a request sets for itself; null = not set.</summary>
public sealed record InferParameters
{
    /// <summary>Largest deadline that can be written: one day, milliseconds. What an inference may ask for is <see cref="InferLimits.MaxDeadline"/>.</summary>
    public const double MaxLatencyMs = 86_400_000;

    /// <summary>The lowest of <c>timeout</c> (µs), <c>latency_ms</c> and <c>x-deadline-ms</c>, counted from arrival; it stands in place of the
    /// pipeline's SLO, shorter or longer. Null = the SLO.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Least acceptable expected accuracy, 0..1: the higher of <c>min_accuracy</c> and <c>x-min-accuracy</c>.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>With another deadline: the lower one counts.</summary>
    public InferParameters Within(TimeSpan? deadline) =>
        deadline is { } d && !(Latency <= d) ? this with { Latency = d } : this;

    /// <summary>With what the headers bound: of two bounds the stricter counts.</summary>
    public InferParameters Within(InferHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var within = Within(headers.Deadline);
        return headers.MinAccuracy is { } least && !(within.MinAccuracy >= least) ? within with { MinAccuracy = least } : within;
    }
}

namespace ServerlessLoki.Serving.Api;

/// <summary>The bounds that a request sets for itself; null = not set.</summary>
public sealed record InferParameters
{
    /// <summary>Largest deadline that can be asked for: one day, milliseconds.</summary>
    public const double MaxLatencyMs = 86_400_000;

    /// <summary>The lowest of <c>timeout</c> (µs), <c>latency_ms</c> and <c>x-deadline-ms</c>, counted from arrival.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>Least acceptable expected accuracy, 0..1.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>Accepted for compatibility: 0 = default, 1 = highest.</summary>
    public long? Priority { get; init; }

    /// <summary>With another deadline: the lower one counts.</summary>
    public InferParameters Within(TimeSpan? deadline) =>
        deadline is { } d && !(Latency <= d) ? this with { Latency = d } : this;
}

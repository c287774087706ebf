namespace ServerlessLoki.Serving.Queries;

/// <summary>The end of a query: exactly one for each that was submitted.</summary>
public sealed record QueryResult
{
    /// <summary>The caller's id, or the one that was made.</summary>
    public required string Id { get; init; }

    /// <summary>How it ended.</summary>
    public required QueryOutcome Outcome { get; init; }

    /// <summary>What went wrong and what to do, one sentence; null when completed.</summary>
    public string? Error { get; init; }

    /// <summary>When to come back, from the predicted drain time; set for <see cref="QueryOutcome.Rejected"/> and
    /// <see cref="QueryOutcome.Unavailable"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Answers of all stages, parents before children; empty unless completed.</summary>
    public IReadOnlyList<StageAnswer> Answers { get; init; } = [];

    /// <summary>Expected accuracy: mean over the leaf answers of the product of accuracies on the leaf's path, 0..1.</summary>
    public double Accuracy { get; init; }

    /// <summary>Arrival to end.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Longest sum of queue times on one path.</summary>
    public TimeSpan Queued { get; init; }

    /// <summary>Longest sum of batch times on one path.</summary>
    public TimeSpan Computed { get; init; }

    /// <summary>Version of the plan that admitted it.</summary>
    public long PlanVersion { get; init; }
}

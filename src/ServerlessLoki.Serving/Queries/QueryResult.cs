namespace ServerlessLoki.Serving.Queries;

/// <summary>Result of a query: exactly one for each query submitted.</summary>
public sealed record QueryResult
{
    /// <summary>Id of the caller, or the one that the engine made.</summary>
    public required string Id { get; init; }

    /// <summary>Outcome of the query.</summary>
    public required QueryOutcome Outcome { get; init; }

    /// <summary>Error and its cure, one sentence; null when completed.</summary>
    public string? Error { get; init; }

    /// <summary>Time after which to retry, from the predicted drain time; set for <see cref="QueryOutcome.Rejected"/> and
    /// <see cref="QueryOutcome.Unavailable"/>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Answers of all stages, parents before children; empty unless completed.</summary>
    public IReadOnlyList<StageAnswer> Answers { get; init; } = [];

    /// <summary>Expected accuracy: mean over the leaf answers of the product of accuracies on the leaf's path, 0..1.</summary>
    public double Accuracy { get; init; }

    /// <summary>Time from arrival to end.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Longest sum of queue times on one path.</summary>
    public TimeSpan Queued { get; init; }

    /// <summary>Longest sum of batch times on one path.</summary>
    public TimeSpan Computed { get; init; }

    /// <summary>Version of the plan that admitted the query.</summary>
    public long PlanVersion { get; init; }
}

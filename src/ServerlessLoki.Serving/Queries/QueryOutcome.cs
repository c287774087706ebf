namespace ServerlessLoki.Serving.Queries;

/// <summary>Outcome of a query. Each has one HTTP status and one metric label, see <see cref="QueryOutcomes"/>.</summary>
public enum QueryOutcome
{
    /// <summary>The query was answered within its deadline: its caller's, or else the SLO. Answers after the SLO are counted
    /// separately.</summary>
    Completed,

    /// <summary>The ingress refused the query: its queue would miss the deadline, or the plan sheds this share of the demand.</summary>
    Rejected,

    /// <summary>No variant of a task is loaded yet, or none accurate enough for it is under the plan in force.</summary>
    Unavailable,

    /// <summary>The deadline passed, or no path could answer in time.</summary>
    Expired,

    /// <summary>The query's bounds (latency, accuracy) cannot be met by any path, or its input is unusable.</summary>
    Invalid,

    /// <summary>A model failed on the query.</summary>
    Failed,

    /// <summary>The caller went away.</summary>
    Cancelled,

    /// <summary>The query's image turned out to be corrupt when it was decoded.</summary>
    Malformed,
}

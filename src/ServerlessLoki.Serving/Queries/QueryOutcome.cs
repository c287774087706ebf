namespace ServerlessLoki.Serving.Queries;

/// <summary>How a query ended. One cause, one HTTP status, one metric label: <see cref="QueryOutcomes"/>.</summary>
public enum QueryOutcome
{
    /// <summary>Answered within its deadline: its caller's, or else the SLO. What took longer than the SLO is counted apart.</summary>
    Completed,

    /// <summary>Refused at the ingress: its queue would miss the deadline, or the plan sheds this share of the demand.</summary>
    Rejected,

    /// <summary>No variant of a task is loaded yet, or none accurate enough for it is under the plan in force.</summary>
    Unavailable,

    /// <summary>Its deadline passed, or no path could make it any more.</summary>
    Expired,

    /// <summary>Its bounds (latency, accuracy) cannot be met by any path, or its input is unusable.</summary>
    Invalid,

    /// <summary>A model failed on it.</summary>
    Failed,

    /// <summary>The caller went away.</summary>
    Cancelled,

    /// <summary>Its picture turned out to be corrupt when it was decoded.</summary>
    Malformed,
}

namespace ServerlessLoki.Serving.Queries;

/// <summary>Mapping from outcomes to HTTP statuses and codes.</summary>
public static class QueryOutcomes
{
    /// <summary>Returns the HTTP status of an outcome.</summary>
    public static int HttpStatus(QueryOutcome outcome) => outcome switch
    {
        QueryOutcome.Completed => 200,
        QueryOutcome.Rejected => 429,
        QueryOutcome.Unavailable => 503,
        QueryOutcome.Expired => 504,
        QueryOutcome.Invalid => 422,
        QueryOutcome.Cancelled => 499,
        QueryOutcome.Malformed => 400,
        _ => 500,
    };

    /// <summary>Returns the metric label and <c>code</c> of the error body, for example <c>rejected</c>.</summary>
    public static string Code(QueryOutcome outcome) => outcome switch
    {
        QueryOutcome.Completed => "completed",
        QueryOutcome.Rejected => "rejected",
        QueryOutcome.Unavailable => "unavailable",
        QueryOutcome.Expired => "expired",
        QueryOutcome.Invalid => "invalid",
        QueryOutcome.Cancelled => "cancelled",
        QueryOutcome.Malformed => "bad_request",
        _ => "failed",
    };
}

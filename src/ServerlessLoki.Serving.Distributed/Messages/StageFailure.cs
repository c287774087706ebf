using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Failure of a stage, which ended its query without an answer.</summary>
/// <param name="Outcome">Cause of the failure; never <see cref="QueryOutcome.Completed"/>.</param>
/// <param name="Error">Error and its cure, one sentence.</param>
/// <param name="RetryAfter">Time after which to retry; null where that would not help.</param>
public sealed record StageFailure(QueryOutcome Outcome, string Error, TimeSpan? RetryAfter = null);

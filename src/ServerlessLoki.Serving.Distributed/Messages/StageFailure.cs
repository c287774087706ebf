using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Why a stage ended its query without an answer.</summary>
/// <param name="Outcome">The cause; never <see cref="QueryOutcome.Completed"/>.</param>
/// <param name="Error">What went wrong and what to do, one sentence.</param>
/// <param name="RetryAfter">When to come back; null where that would not help.</param>
public sealed record StageFailure(QueryOutcome Outcome, string Error, TimeSpan? RetryAfter = null);

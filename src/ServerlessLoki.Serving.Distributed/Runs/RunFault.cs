namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Why a stage or a run has no answer.</summary>
/// <param name="Code">Cause for programs, as in the API's errors.</param>
/// <param name="Error">What went wrong, one sentence.</param>
/// <param name="MayRetry">True if another variant might succeed.</param>
public sealed record RunFault(string Code, string Error, bool MayRetry = false);

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Fault of a stage or a run without an answer.</summary>
/// <param name="Code">Cause for programs, as in the API's errors.</param>
/// <param name="Error">Description of the fault, one sentence.</param>
/// <param name="MayRetry">True if another variant might succeed.</param>
public sealed record RunFault(string Code, string Error, bool MayRetry = false);

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>All that a run has when it ends.</summary>
/// <param name="Run">The run.</param>
/// <param name="Root">What was sent first; null if it never came to that.</param>
/// <param name="Answers">The answers of all stages, in any order.</param>
/// <param name="Fault">Why it failed; null if it did not.</param>
/// <param name="Stored">Tokens of answers that went to the store before, in lists; null = none did.</param>
public sealed record RunEnd(RunStart Run, StageTicket? Root, IReadOnlyList<StageArrival> Answers, RunFault? Fault, IReadOnlyList<string>? Stored = null);

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>What a run has when all that was sent so far has answered: enough to see which joins are to run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Root">What was sent first.</param>
/// <param name="Answers">The answers of all stages, in any order.</param>
/// <param name="Stored">Tokens of answers that went to the store before, in lists; null = none did.</param>
public sealed record RunJoins(RunStart Run, StageTicket Root, IReadOnlyList<StageArrival> Answers, IReadOnlyList<string>? Stored = null);

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Data of a run after every stage sent so far has answered, from which the joins to run follow.</summary>
/// <param name="Run">Run of the answers.</param>
/// <param name="Root">Root stage that was sent.</param>
/// <param name="Answers">The answers of all stages, in any order.</param>
/// <param name="Stored">Tokens of lists of answers that were stored before; null = none.</param>
public sealed record RunJoins(RunStart Run, StageTicket Root, IReadOnlyList<StageArrival> Answers, IReadOnlyList<string>? Stored = null);

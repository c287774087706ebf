namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Data of a run at its end.</summary>
/// <param name="Run">Run that ends.</param>
/// <param name="Root">Root stage that was sent; null if none was.</param>
/// <param name="Answers">The answers of all stages, in any order.</param>
/// <param name="Fault">Fault of the run; null if it did not fail.</param>
/// <param name="Stored">Tokens of lists of answers that were stored before; null = none.</param>
public sealed record RunEnd(RunStart Run, StageTicket? Root, IReadOnlyList<StageArrival> Answers, RunFault? Fault, IReadOnlyList<string>? Stored = null);

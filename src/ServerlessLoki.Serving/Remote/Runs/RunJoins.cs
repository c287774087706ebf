namespace ServerlessLoki.Serving.Remote.Runs;

/// <summary>What a run has when all that was sent so far has answered: enough to see which joins are to run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Root">What was sent first.</param>
/// <param name="Answers">The answers of all stages, in any order.</param>
public sealed record RunJoins(RunStart Run, StageTicket Root, IReadOnlyList<StageArrival> Answers);

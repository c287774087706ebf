namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Answers of a run that are too many for the input of one step.</summary>
/// <param name="Run">The run.</param>
/// <param name="Answers">The answers.</param>
public sealed record RunAnswersToStore(RunStart Run, IReadOnlyList<StageArrival> Answers);

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Answers of a run that are too many for the input of one step.</summary>
/// <param name="Run">Run of the answers.</param>
/// <param name="Answers">Answers to store.</param>
public sealed record RunAnswersToStore(RunStart Run, IReadOnlyList<StageArrival> Answers);

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Result of a step that sends stages.</summary>
/// <param name="Tickets">Stages to wait for; none for a leaf.</param>
/// <param name="Fault">Fault that kept the step from sending; null when there is none.</param>
/// <param name="HasJoins">True, at a run's begin, if tasks of the pipeline join branches: joins are then checked when every stage that was
/// sent has answered.</param>
/// <param name="IsLate">True if the answer was the failure of an earlier attempt: the current one is still awaited.</param>
/// <param name="Due">Time, at a run's begin, at which the run fails if it has not ended.</param>
public sealed record SentStages(
    IReadOnlyList<StageTicket> Tickets, RunFault? Fault = null, bool HasJoins = false, bool IsLate = false, DateTimeOffset? Due = null)
{
    internal static SentStages Late { get; } = new([], IsLate: true);

    internal static SentStages None(string code, string error, bool mayRetry = false) => new([], new RunFault(code, error, mayRetry));
}

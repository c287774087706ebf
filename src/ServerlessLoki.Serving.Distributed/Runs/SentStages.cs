namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>What a step sent.</summary>
/// <param name="Tickets">Stages to wait for; none for a leaf.</param>
/// <param name="Fault">Why nothing was sent; null when all is well.</param>
/// <param name="HasJoins">Of a run's begin: tasks of the pipeline wait for all branches, so joins are to be looked for when all that was sent has answered.</param>
/// <param name="IsLate">True if the answer was the failure of an attempt before: the one under way is waited for on.</param>
/// <param name="Due">Of a run's begin: when it fails if it has not ended.</param>
public sealed record SentStages(
    IReadOnlyList<StageTicket> Tickets, RunFault? Fault = null, bool HasJoins = false, bool IsLate = false, DateTimeOffset? Due = null)
{
    internal static SentStages Late { get; } = new([], IsLate: true);

    internal static SentStages None(string code, string error, bool mayRetry = false) => new([], new RunFault(code, error, mayRetry));
}

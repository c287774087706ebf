namespace ServerlessLoki.Serving.Remote.Runs;

/// <summary>What a step sent.</summary>
/// <param name="Tickets">Stages to wait for; none for a leaf.</param>
/// <param name="Fault">Why nothing was sent; null when all is well.</param>
public sealed record SentStages(IReadOnlyList<StageTicket> Tickets, RunFault? Fault = null)
{
    internal static SentStages None(string code, string error, bool mayRetry = false) => new([], new RunFault(code, error, mayRetry));
}

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Input of a run's orchestration. It contains everything that the orchestration depends on, so that a replay takes the same
/// course.</summary>
/// <param name="Id">Id of the run and of the orchestration's instance.</param>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Payload">Token of the request's body.</param>
/// <param name="Parameters">Parameters for reading the body, JSON.</param>
/// <param name="Created">Time of acceptance.</param>
/// <param name="StageTimeout">Time to wait for one stage's answer before checking whether any worker still serves the stage.</param>
/// <param name="Attempts">Most failures of one stage, at least 1.</param>
/// <param name="Limit">Time after <paramref name="Created"/> at which a run that has not ended fails.</param>
public sealed record RunStart(
    string Id, string Pipeline, string Payload, string Parameters, DateTimeOffset Created, TimeSpan StageTimeout, int Attempts, TimeSpan Limit)
{
    /// <summary>Default time limit of a run.</summary>
    public static readonly TimeSpan StandardLimit = TimeSpan.FromHours(6);

    /// <summary>Time at which the run fails if it has not ended; its own deadline may be earlier.</summary>
    public DateTimeOffset Due => Created + Limit;
}

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>What an orchestration of a run is started with. Everything that its course depends on is in here, so that a replay takes it again.</summary>
/// <param name="Id">The run, and the orchestration's instance.</param>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Payload">Token of the request's body.</param>
/// <param name="Parameters">How to read the body, JSON.</param>
/// <param name="Created">When it was accepted.</param>
/// <param name="StageTimeout">How long to wait for one stage's answer before it is looked whether anybody still serves it.</param>
/// <param name="Attempts">How often one stage may fail, at least 1.</param>
/// <param name="Limit">How long after <paramref name="Created"/> a run that has not ended fails.</param>
public sealed record RunStart(
    string Id, string Pipeline, string Payload, string Parameters, DateTimeOffset Created, TimeSpan StageTimeout, int Attempts, TimeSpan Limit)
{
    /// <summary>Time for a run that names none.</summary>
    public static readonly TimeSpan StandardLimit = TimeSpan.FromHours(6);

    /// <summary>When it fails if it has not ended; its own deadline may be earlier.</summary>
    public DateTimeOffset Due => Created + Limit;
}

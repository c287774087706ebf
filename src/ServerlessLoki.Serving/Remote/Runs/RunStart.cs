namespace ServerlessLoki.Serving.Remote.Runs;

/// <summary>What an orchestration of a run is started with. Everything that its course depends on is in here, so that a replay takes it again.</summary>
/// <param name="Id">The run, and the orchestration's instance.</param>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Payload">Token of the request's body.</param>
/// <param name="Parameters">How to read the body, JSON.</param>
/// <param name="Created">When it was accepted.</param>
/// <param name="StageTimeout">How long to wait for one stage's answer before another variant is asked.</param>
/// <param name="Attempts">How often one stage is tried, at least 1.</param>
public sealed record RunStart(
    string Id, string Pipeline, string Payload, string Parameters, DateTimeOffset Created, TimeSpan StageTimeout, int Attempts);

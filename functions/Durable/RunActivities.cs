using Microsoft.Azure.Functions.Worker;
using ServerlessLoki.Serving.Remote.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>The steps of a run that touch the world.</summary>
public sealed class RunActivities(Func<RunSteps> steps)
{
    /// <summary>Sends the root stage.</summary>
    [Function(nameof(BeginRun))]
    public Task<SentStages> BeginRun([ActivityTrigger] RunStart run, CancellationToken cancellationToken) =>
        steps().BeginAsync(run, cancellationToken);

    /// <summary>Sends the children of an answer.</summary>
    [Function(nameof(ExpandStage))]
    public Task<SentStages> ExpandStage([ActivityTrigger] StageStep step, CancellationToken cancellationToken) =>
        steps().ExpandAsync(step, cancellationToken);

    /// <summary>Sends a stage to another variant.</summary>
    [Function(nameof(RetryStage))]
    public Task<SentStages> RetryStage([ActivityTrigger] StageStep step, CancellationToken cancellationToken) =>
        steps().RetryAsync(step, cancellationToken);

    /// <summary>Sends the joins for which all has come.</summary>
    [Function(nameof(JoinStages))]
    public Task<SentStages> JoinStages([ActivityTrigger] RunJoins step, CancellationToken cancellationToken) =>
        steps().JoinAsync(step, cancellationToken);

    /// <summary>Stores the end of a run.</summary>
    [Function(nameof(EndRun))]
    public async Task<string> EndRun([ActivityTrigger] RunEnd end, CancellationToken cancellationToken) =>
        (await steps().EndAsync(end, cancellationToken)).ToString();
}

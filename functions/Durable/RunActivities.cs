using Microsoft.Azure.Functions.Worker;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>Activities of a run: its steps with side effects.</summary>
public sealed class RunActivities(Func<CancellationToken, Task<RunSteps>> steps)
{
    /// <summary>Sends the root stage.</summary>
    [Function(nameof(BeginRun))]
    public async Task<SentStages> BeginRun([ActivityTrigger] RunStart run, CancellationToken cancellationToken) =>
        await (await steps(cancellationToken)).BeginAsync(run, cancellationToken);

    /// <summary>Sends the children of an answer.</summary>
    [Function(nameof(ExpandStage))]
    public async Task<SentStages> ExpandStage([ActivityTrigger] StageStep step, CancellationToken cancellationToken) =>
        await (await steps(cancellationToken)).ExpandAsync(step, cancellationToken);

    /// <summary>Sends a stage to another variant.</summary>
    [Function(nameof(RetryStage))]
    public async Task<SentStages> RetryStage([ActivityTrigger] StageStep step, CancellationToken cancellationToken) =>
        await (await steps(cancellationToken)).RetryAsync(step, cancellationToken);

    /// <summary>Sends the joins for which everything has arrived.</summary>
    [Function(nameof(JoinStages))]
    public async Task<SentStages> JoinStages([ActivityTrigger] RunJoins step, CancellationToken cancellationToken) =>
        await (await steps(cancellationToken)).JoinAsync(step, cancellationToken);

    /// <summary>Stores answers that are too many for an input.</summary>
    [Function(nameof(StoreAnswers))]
    public async Task<string> StoreAnswers([ActivityTrigger] RunAnswersToStore step, CancellationToken cancellationToken) =>
        await (await steps(cancellationToken)).StoreAsync(step, cancellationToken);

    /// <summary>Stores the end of a run.</summary>
    [Function(nameof(EndRun))]
    public async Task<string> EndRun([ActivityTrigger] RunEnd end, CancellationToken cancellationToken) =>
        (await (await steps(cancellationToken)).EndAsync(end, cancellationToken)).ToString();
}

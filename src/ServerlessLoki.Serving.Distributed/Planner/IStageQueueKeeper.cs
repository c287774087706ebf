using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>The planner's hand on stage queues, where the transport has queues that must be made and removed.</summary>
public interface IStageQueueKeeper
{
    /// <summary>Makes the queues that are missing.</summary>
    /// <param name="stages">Stages of the plan that is about to be published.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task EnsureAsync(IEnumerable<StageKey> stages, CancellationToken cancellationToken);

    /// <summary>Removes stage queues that are not wanted, hold no message and were not used for a while.</summary>
    /// <param name="wanted">Stages of the plan, and those that left it lately.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Names of those removed.</returns>
    Task<IReadOnlyList<string>> RetireAsync(IEnumerable<StageKey> wanted, CancellationToken cancellationToken);
}

using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Planner;

/// <summary>Management of stage queues by the planner, where the transport has queues that must be created and deleted.</summary>
public interface IStageQueueKeeper
{
    /// <summary>Creates the queues that are missing.</summary>
    /// <param name="stages">Stages of the plan that is about to be published.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task EnsureAsync(IEnumerable<StageKey> stages, CancellationToken cancellationToken);

    /// <summary>Deletes stage queues that are not wanted, hold no message and were not used for a while.</summary>
    /// <param name="wanted">Stages of the plan, and those that left it recently.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Names of the deleted queues.</returns>
    Task<IReadOnlyList<string>> RetireAsync(IEnumerable<StageKey> wanted, CancellationToken cancellationToken);
}

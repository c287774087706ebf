using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Ports;

/// <summary>Queues between stages: one per <see cref="StageKey"/>, made on first use.</summary>
public interface IStageQueues
{
    /// <summary>Hands an item to the queue's receivers; the queue owns the item until a receiver takes it.</summary>
    /// <exception cref="StageUnservedException">The queue is in this process and has no receiver.</exception>
    ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken);

    /// <summary>Starts to receive from a queue.</summary>
    /// <param name="key">Key of the queue.</param>
    /// <param name="arrived">Called after items became visible; must return at once, may be called from any thread.</param>
    IStageReceiver OpenReceiver(StageKey key, Action arrived);
}

using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Ports;

/// <summary>The queues between stages: one per <see cref="StageKey"/>, made on first use.</summary>
public interface IStageQueues
{
    /// <summary>Hands an item to whoever serves the queue. The queue owns it until a receiver takes it.</summary>
    ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken);

    /// <summary>Starts to receive from a queue.</summary>
    /// <param name="key">The queue.</param>
    /// <param name="arrived">Called after items became visible; must return at once, may be called from any thread.</param>
    IStageReceiver OpenReceiver(StageKey key, Action arrived);
}

using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Conversion between an engine's items and messages, by which a transport of messages becomes <see cref="Ports.IStageQueues"/>.
/// Thread-safe.</summary>
public interface IStageItems
{
    /// <summary>Makes the message of an item. Payloads above <see cref="StagePayload.InlineLimitBytes"/> are in the payload store when the
    /// call returns.</summary>
    ValueTask<StageMessage> MessageOfAsync(StageItem item, CancellationToken cancellationToken);

    /// <summary>Makes the item of a received message and fetches its payloads. The caller owns the item.</summary>
    /// <param name="message">Received message.</param>
    /// <param name="deliveries">Number of earlier deliveries; at least 0.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="FormatException">The message names something that this process does not know, or no process can serve it: it
    /// becomes a dead letter with the exception's text.</exception>
    ValueTask<StageItem> ItemOfAsync(StageMessage message, int deliveries, CancellationToken cancellationToken);
}

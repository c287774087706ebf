using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Turns an engine's items into messages and messages into items: with it a transport of messages becomes
/// <see cref="Ports.IStageQueues"/>. Thread-safe.</summary>
public interface IStageItems
{
    /// <summary>The message for an item. Payloads above <see cref="StagePayload.InlineLimitBytes"/> are in the payload store when the
    /// call returns.</summary>
    ValueTask<StageMessage> MessageOfAsync(StageItem item, CancellationToken cancellationToken);

    /// <summary>The item of a message that was received; payloads are fetched. The caller owns it.</summary>
    /// <param name="message">What came.</param>
    /// <param name="deliveries">How often it was delivered before this time; at least 0.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="FormatException">It names what this process does not know, or cannot be served by anybody: to be put aside
    /// with the exception's text.</exception>
    ValueTask<StageItem> ItemOfAsync(StageMessage message, int deliveries, CancellationToken cancellationToken);
}

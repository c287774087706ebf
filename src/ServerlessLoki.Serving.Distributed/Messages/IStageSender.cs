using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Sender of messages to stage queues from outside any engine, used by the durable orchestrator's activity.</summary>
public interface IStageSender
{
    /// <summary>Sends a message durably. A message that is sent twice may be served twice: its replies are equal.</summary>
    /// <param name="key">Key of the queue, <see cref="StageMessage.Key"/>.</param>
    /// <param name="message">Message to send.</param>
    /// <param name="cancellationToken">Stops the call; the message may have been sent.</param>
    ValueTask SendAsync(StageKey key, StageMessage message, CancellationToken cancellationToken);
}

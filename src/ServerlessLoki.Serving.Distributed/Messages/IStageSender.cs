using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Puts messages into stage queues from outside any engine: the durable orchestrator's activity does.</summary>
public interface IStageSender
{
    /// <summary>Sends; the message is durable when the call returns. Sent twice, it may be served twice: its replies are equal.</summary>
    /// <param name="key">The queue, <see cref="StageMessage.Key"/>.</param>
    /// <param name="message">What to serve.</param>
    /// <param name="cancellationToken">Stops the call; the message may have been sent.</param>
    ValueTask SendAsync(StageKey key, StageMessage message, CancellationToken cancellationToken);
}

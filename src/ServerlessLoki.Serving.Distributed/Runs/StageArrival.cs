using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Answer in an event: inline, or by claim check.</summary>
/// <param name="Reply">Base64 text of the <see cref="StageReply"/>; null when it is in the payload store.</param>
/// <param name="Token">Token in the payload store; null when the reply is inline.</param>
public sealed record StageArrival(string? Reply, string? Token)
{
    /// <summary>Largest inline answer, bytes. Larger answers travel by token, since Durable keeps each event in the history of its
    /// run.</summary>
    public const int InlineLimitBytes = 8 << 10;
}

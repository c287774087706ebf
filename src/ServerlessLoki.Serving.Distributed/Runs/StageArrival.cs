using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>An answer as an event carries it: inline, or by claim check.</summary>
/// <param name="Reply">The <see cref="StageReply"/> in base 64; null when it lies in the payload store.</param>
/// <param name="Token">Where it lies; null when it is inline.</param>
public sealed record StageArrival(string? Reply, string? Token)
{
    /// <summary>Larger answers travel by token: Durable keeps each event in the history of its run.</summary>
    public const int InlineLimitBytes = 8 << 10;
}

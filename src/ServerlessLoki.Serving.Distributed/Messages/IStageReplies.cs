namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>The way back from workers to the process that waits for a query. Replies may come twice and in any order.</summary>
public interface IStageReplies
{
    /// <summary>Sends a reply; it will arrive when the call returns, unless the inbox is gone for good.</summary>
    /// <param name="replyTo">Name of the inbox.</param>
    /// <param name="reply">What to say.</param>
    /// <param name="cancellationToken">Stops the call; the reply may have been sent.</param>
    ValueTask SendAsync(string replyTo, StageReply reply, CancellationToken cancellationToken);

    /// <summary>Opens an inbox, which is made if need be. Disposing closes it; what then comes is lost.</summary>
    /// <param name="name">Unique among all processes.</param>
    /// <param name="received">Called for each reply, perhaps several at once; when it throws, the reply may come again.</param>
    IAsyncDisposable OpenInbox(string name, Func<StageReply, ValueTask> received);
}

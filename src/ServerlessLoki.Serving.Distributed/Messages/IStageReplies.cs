namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Replies from workers to the process that waits for a query. Replies may come twice and in any order.</summary>
public interface IStageReplies
{
    /// <summary>Sends a reply durably; it is lost only if the inbox was deleted.</summary>
    /// <param name="replyTo">Name of the inbox.</param>
    /// <param name="reply">Reply to send.</param>
    /// <param name="cancellationToken">Stops the call; the reply may have been sent.</param>
    ValueTask SendAsync(string replyTo, StageReply reply, CancellationToken cancellationToken);

    /// <summary>Opens an inbox, and creates it if needed. Disposing closes it; later replies are lost.</summary>
    /// <param name="name">Name that is unique among all processes.</param>
    /// <param name="received">Called for each reply, possibly concurrently; when it throws, the reply may come again.</param>
    IAsyncDisposable OpenInbox(string name, Func<StageReply, ValueTask> received);
}

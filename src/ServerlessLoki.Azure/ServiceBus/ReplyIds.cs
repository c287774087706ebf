using System.Security.Cryptography;
using System.Text;
using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Message ids of replies: the same answer to the same work has the same id, so that queues which drop duplicates see it once.</summary>
internal static class ReplyIds
{
    public static string Of(StageReply reply)
    {
        // A failure does not stand in for an answer that comes later, nor an answer for one from other inputs.
        var text = $"{reply.QueryId}\n{reply.Pipeline}\n{reply.Task}\n{reply.Variant}\n{reply.Credit.Start:x}-{reply.Credit.Length:x}\n{reply.ParentStamp:x}\n"
            + $"{reply.Children}\n{reply.Failure?.Outcome}\n{reply.Failure?.Error}";
        // Work that a run sent again may fail again in the same words, or be answered again after an answer that was of no use: both are new.
        // Other reports of the first failure are dropped as duplicates.
        text += $"\n{reply.Round}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}

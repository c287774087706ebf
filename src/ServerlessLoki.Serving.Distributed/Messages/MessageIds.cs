using System.Security.Cryptography;
using System.Text;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Message ids for duplicate detection.</summary>
internal static class MessageIds
{
    /// <summary>Longest id that Service Bus allows, characters
    /// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas).</summary>
    private const int Longest = 128;

    /// <summary>Makes the id of a message. Attempts are part of it: a message that a worker sends on after a failure is new to the
    /// queue.</summary>
    public static string Of(StageMessage message)
    {
        var id = $"{message.QueryId}/{message.Task}/{message.Variant}/{message.Credit.Start:x}-{message.Credit.Length:x}/{message.ParentStamp:x}/{message.Attempts}.{message.Round}";
        return id.Length <= Longest ? id : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
    }
}

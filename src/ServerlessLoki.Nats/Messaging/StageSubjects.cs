using System.Security.Cryptography;
using System.Text;
using ServerlessLoki.Nats.Connection;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Names of queues: streams, the subjects in them, and the consumer of each subject.</summary>
internal sealed class StageSubjects(NatsNames names)
{
    /// <summary>Longest name of a consumer, which is a folder on the server's disk.</summary>
    private const int LongestConsumer = 150;
    private const int Digest = 16;

    /// <summary>Stream of dead letters.</summary>
    public string DeadStream => $"{names.Prefix}-dead";

    /// <summary>All dead letters.</summary>
    public string AllDead => $"{names.Prefix}.dead.>";

    /// <summary>Returns the stream of all queues of a kind.</summary>
    public string Stream(QueueKind kind) => $"{names.Prefix}-{Text(kind)}";

    /// <summary>Returns the subjects of all queues of a kind.</summary>
    public string All(QueueKind kind) => $"{names.Prefix}.stage.{Text(kind)}.>";

    /// <summary>Returns the subject of a queue.</summary>
    public string Subject(QueueKind kind, StageKey key) => $"{names.Prefix}.stage.{Text(kind)}.{Parts(key)}";

    /// <summary>Returns the subject of a queue's dead letters.</summary>
    public string Dead(StageKey key) => $"{names.Prefix}.dead.{Parts(key)}";

    /// <summary>Returns the subject of an inbox.</summary>
    public string Inbox(string name) => $"{names.Prefix}.reply.{NatsNames.Part(name)}";

    /// <summary>Returns the consumer of a queue. Two stages never share a name.</summary>
    public static string Consumer(StageKey key)
    {
        // No part has a plus.
        var name = Parts(key).Replace('.', '+');
        return name.Length <= LongestConsumer
            ? name
            : $"{name[..(LongestConsumer - Digest - 1)]}+{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..Digest]}";
    }

    private static string Parts(StageKey key) => $"{NatsNames.Part(key.Pipeline)}.{NatsNames.Part(key.Task)}.{NatsNames.Part(key.Variant)}";

    private static string Text(QueueKind kind) => kind == QueueKind.Express ? "express" : "durable";
}

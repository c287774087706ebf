using System.Security.Cryptography;
using System.Text;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Names of stage queues: <c>loki-{pipeline}-{task}-{variant}</c>, within the limits of
/// Service Bus.</summary>
internal static class StageQueueNames
{
    /// <summary>Prefix of all stage queues.</summary>
    public const string Prefix = "loki-";

    /// <summary>Prefix of all reply queues.</summary>
    public const string ReplyPrefix = "loki-replies-";

    /// <summary>Queue for replies of durable runs, which a function reads.</summary>
    public const string StageResults = "stage-results";

    /// <summary>Longest queue name that Service Bus allows, characters.</summary>
    private const int MaxLength = 260;
    private const int DigestLength = 10;

    /// <summary>Returns the queue of a stage. Two stages never share a name: where plain names could be ambiguous (hyphens in pipeline or
    /// task, capitals, other characters, great length), a digest of the key is added.</summary>
    public static string Of(StageKey key)
    {
        var plain = $"{Prefix}{Clean(key.Pipeline)}-{Clean(key.Task)}-{Clean(key.Variant)}";
        var isUnique = plain.Length <= MaxLength && !key.Pipeline.Contains('-', StringComparison.Ordinal) && !key.Task.Contains('-', StringComparison.Ordinal)
            && plain == $"{Prefix}{key.Pipeline}-{key.Task}-{key.Variant}" && char.IsAsciiLetterOrDigit(plain[^1]);
        if (plain.StartsWith(ReplyPrefix, StringComparison.Ordinal))
            (plain, isUnique) = ($"{Prefix}stage-{plain[Prefix.Length..]}", false);
        if (isUnique)
            return plain;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{key.Pipeline}\n{key.Task}\n{key.Variant}")))[..DigestLength];
        return $"{plain[..Math.Min(plain.Length, MaxLength - DigestLength - 1)]}-{digest}";
    }

    private static string Clean(string name) =>
        string.Create(name.Length, name, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(source[i]) || source[i] is '-' or '_' or '.' ? char.ToLowerInvariant(source[i]) : '_';
        });
}

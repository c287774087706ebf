using System.Security.Cryptography;
using System.Text;

namespace ServerlessLoki.Nats.Connection;

/// <summary>Names of streams, and of subjects from free texts, on the server.</summary>
/// <param name="prefix">First part of all names.</param>
internal sealed class NatsNames(string prefix)
{
    /// <summary>Longest part of a key, characters; a longer one is cut and gets a digest.</summary>
    private const int LongestPart = 200;
    private const int KeptOfLong = 100;

    public string Prefix => prefix;

    /// <summary>Returns the name of a key-value bucket.</summary>
    public string Bucket(string name) => $"{prefix}-{name}";

    /// <summary>Returns the prefix of the subjects of replies to a user's calls.</summary>
    public string Inbox(string user) => $"_INBOX.{prefix}.{Part(user)}";

    /// <summary>Returns the key of a name: its parts between slashes become parts of a subject.</summary>
    public static string Key(string name) => string.Join('.', name.Split('/').Select(Part));

    /// <summary>Returns one part of a subject. Letters, digits, hyphen and underscore stay; all else is <c>=</c> with the hexadecimal
    /// digits of its UTF-8 bytes.</summary>
    public static string Part(string text)
    {
        if (text.Length == 0)
            return "=";
        var part = new StringBuilder(text.Length);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_')
                part.Append((char)b);
            else
                part.Append('=').Append(b.ToString("X2", null));
        }

        // No escape has a small letter.
        return part.Length <= LongestPart ? part.ToString() : $"{part.ToString(0, KeptOfLong)}=h{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
    }
}

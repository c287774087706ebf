using System.Security.Cryptography;
using System.Text;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded.Door;

/// <summary>API keys that callers may send. Only their hashes are kept.</summary>
public sealed class ApiKeys
{
    private const int ShortestKey = 16;
    private const int LongestKey = 512;
    private readonly byte[][] _hashes;

    private ApiKeys(IEnumerable<string> keys) => _hashes = [.. keys.Select(k => SHA256.HashData(Encoding.UTF8.GetBytes(k)))];

    /// <summary>Reads a file with one key per line. Empty lines and lines that begin with <c>#</c> are skipped.</summary>
    /// <exception cref="ApiKeysFormatException">The file has faults, or no key.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ApiKeys Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Parse(Path.GetFileName(path), File.ReadAllText(path));
    }

    /// <summary>Reads the text of a file of keys.</summary>
    /// <param name="source">Name of the input for messages.</param>
    /// <param name="text">The lines.</param>
    /// <exception cref="ApiKeysFormatException">The text has faults, or no key.</exception>
    public static ApiKeys Parse(string source, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (keys, faults) = (new Dictionary<string, int>(StringComparer.Ordinal), new List<Fault>());
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var key = line.Trim();
            if (key.Length == 0 || key[0] == '#')
                continue;
            // The key itself is never shown: faults end in logs.
            if (key.Length is < ShortestKey or > LongestKey)
                faults.Add(new Fault($"line {number}", "the key's length", $"{key.Length} characters", $"{ShortestKey} up to {LongestKey}"));
            else if (key.Any(c => c is <= ' ' or > '~'))
                faults.Add(new Fault($"line {number}", "the key has a character that a header cannot carry", null, "letters, digits and signs of ASCII, without spaces"));
            else if (!keys.TryAdd(key, number))
                faults.Add(new Fault($"line {number}", $"the same key as in line {keys[key]}"));
        }

        if (keys.Count == 0 && faults.Count == 0)
            faults.Add(new Fault("line 1", "there is no key in the file", null, "one key a line, for example from 'openssl rand -hex 32'"));
        return faults.Count == 0 ? new ApiKeys(keys.Keys) : throw new ApiKeysFormatException(source, faults);
    }

    /// <summary>Returns a name that tells the key from others without showing it; null = the key is unknown.</summary>
    internal string? Find(ReadOnlySpan<char> key)
    {
        if (key.Length is < ShortestKey or > LongestKey)
            return null;
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(LongestKey)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], hash);
        // All are compared, whichever fits: the time says nothing.
        string? found = null;
        for (var i = 0; i < _hashes.Length; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, _hashes[i]))
                found = $"{i}";
        }

        return found;
    }
}

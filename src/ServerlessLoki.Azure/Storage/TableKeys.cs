using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace ServerlessLoki.Azure.Storage;

/// <summary>
/// Names as keys. Tables refuse <c>/ \ # ?</c> and control characters in keys, and more than 1 KiB
/// (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model), so such a character stands as <c>~</c>
/// and two hexadecimal digits for each of its UTF-8 bytes. A prefix stays a prefix, so names can be found by it.
/// </summary>
internal static class TableKeys
{
    private const int Longest = 400;
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static string Of(string name)
    {
        var key = Escape(name);
        return key.Length <= Longest ? key : key[..(Longest - 65)] + "~" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    /// <summary>Returns the partition key: the part of a name before the first slash.</summary>
    public static string Group(string name) => Of(name.Split('/', 2)[0]);

    /// <summary>Returns the range of keys whose names begin with a prefix: from <c>From</c> on and below <c>To</c>.</summary>
    /// <param name="prefix">Prefix, not empty.</param>
    public static (string From, string To) Range(string prefix)
    {
        var from = Escape(prefix);
        from = from.Length <= Longest - 65 ? from : from[..(Longest - 65)];
        return (from, from[..^1] + (char)(from[^1] + 1));
    }

    private static string Escape(string name)
    {
        if (!name.AsSpan().ContainsAnyExcept(Plain))
            return name;
        var key = new StringBuilder(name.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            if (b < 128 && Plain.Contains((char)b))
                key.Append((char)b);
            else
                key.Append('~').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return key.ToString();
    }
}

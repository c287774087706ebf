using System.Globalization;
using System.Text;

namespace ServerlessLoki.Cli.Output;

/// <summary>Safe output of texts from files or servers.</summary>
internal static class Printable
{
    /// <summary>Returns the text with control characters written out, so that escape sequences do not reach the terminal.</summary>
    /// <param name="text">Text; line ends and tabs stay.</param>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Any(IsUnsafe))
            return text;
        var safe = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsUnsafe(c))
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                safe.Append(c);
        }

        return safe.ToString();
    }

    // Also what reverses the direction of a line, and the other formats: they show as nothing and change what is read.
    private static bool IsUnsafe(char c) =>
        c is not ('\n' or '\r' or '\t') && CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}

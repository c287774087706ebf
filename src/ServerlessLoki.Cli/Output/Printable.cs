using System.Globalization;
using System.Text;

namespace ServerlessLoki.Cli.Output;

/// <summary>Text that may hold what a file or a server said.</summary>
internal static class Printable
{
    /// <summary>The text with control characters written out: an escape sequence in a file must not reach the terminal.</summary>
    /// <param name="text">Any text; line ends and tabs stay.</param>
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

using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace ServerlessLoki.Serving.Models;

/// <summary>Class names in a model's metadata: <c>names</c> as Ultralytics writes it (<c>{0: 'person', 1: 'car'}</c>, also a list, also
/// JSON), or <c>labels</c> with commas between.</summary>
internal static class ClassNames
{
    /// <summary>Reads the names by class number; empty where the metadata has none, or not one for each class.</summary>
    public static ImmutableArray<string> Of(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.TryGetValue("names", out var names))
            return Parse(names);
        return metadata.TryGetValue("labels", out var labels) && !string.IsNullOrWhiteSpace(labels)
            ? [.. labels.Split(',', StringSplitOptions.TrimEntries)] : [];
    }

    /// <summary>Reads a literal of texts, with or without numbers before them.</summary>
    internal static ImmutableArray<string> Parse(string literal)
    {
        var found = new SortedDictionary<int, string>();
        int? number = null;
        for (var at = 0; at < literal.Length;)
        {
            var c = literal[at];
            if (char.IsAsciiDigit(c))
            {
                var end = at;
                while (end < literal.Length && char.IsAsciiDigit(literal[end]))
                    end++;
                number = Number(literal[at..end]);
                at = end;
            }
            else if (c is '\'' or '"')
            {
                var text = Quoted(literal, ref at);
                // JSON has its numbers in quotes.
                if (at < literal.Length && literal.AsSpan(at).TrimStart() is [':', ..])
                    number = Number(text);
                else if (!found.TryAdd(number ?? found.Count, text))
                    return [];
                else
                    number = null;
            }
            else
            {
                at++;
            }
        }

        return found.Keys.SequenceEqual(Enumerable.Range(0, found.Count)) ? [.. found.Values] : [];
    }

    // What is no number has no place among classes: −1 makes the whole unusable.
    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    /// <summary>Reads a text in single or double quotes and moves <paramref name="at"/> behind it.</summary>
    private static string Quoted(string literal, ref int at)
    {
        var quote = literal[at++];
        var text = new StringBuilder();
        while (at < literal.Length && literal[at] != quote)
        {
            if (literal[at] == '\\' && at + 1 < literal.Length)
                Escaped(literal, ref at, text);
            else
                text.Append(literal[at++]);
        }

        at++;
        return text.ToString();
    }

    private static void Escaped(string literal, ref int at, StringBuilder text)
    {
        var kind = literal[at + 1];
        at += 2;
        var digits = kind switch { 'x' => 2, 'u' => 4, _ => 0 };
        if (digits > 0 && at + digits <= literal.Length && int.TryParse(literal.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            text.Append((char)code);
            at += digits;
            return;
        }

        text.Append(kind switch { 'n' => '\n', 't' => '\t', _ => kind });
    }
}

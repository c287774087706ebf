using System.Globalization;
using System.Text;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Split of a text where BERT's tokenizers always split: at white space, and before and after punctuation and Chinese characters.
/// A word in between gets the same tokens alone as in the text.</summary>
internal static class TextPieces
{
    /// <summary>Lists the first character and length of each piece.</summary>
    public static IEnumerable<(int Offset, int Length)> Of(string text)
    {
        var start = -1;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var isSpace = Rune.IsWhiteSpace(rune);
            var isAlone = !isSpace && (IsPunctuation(rune) || IsChinese(rune.Value));
            if ((isSpace || isAlone) && start >= 0)
            {
                yield return (start, at - start);
                start = -1;
            }

            if (isAlone)
                yield return (at, rune.Utf16SequenceLength);
            else if (!isSpace && start < 0)
                start = at;
            at += rune.Utf16SequenceLength;
        }

        if (start >= 0)
            yield return (start, at - start);
    }

    private static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>Tests for the Unicode blocks that BERT's own tokenizer names.</summary>
    private static bool IsChinese(int point) => point is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}

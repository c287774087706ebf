using System.Text;
using System.Text.RegularExpressions;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Likeness of a text to the right one, 0..1.</summary>
internal static partial class TextScores
{
    /// <summary>Computes one less the character error rate: the least number of insertions, deletions and substitutions as a share of the right text's
    /// length; at least 0.</summary>
    public static double Characters(string found, string right)
    {
        Rune[] a = [.. found.Trim().EnumerateRunes()], b = [.. right.Trim().EnumerateRunes()];
        if (b.Length == 0)
            return a.Length == 0 ? 1 : 0;
        var costs = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, first) = (costs[0], i);
            costs[0] = first;
            for (var j = 1; j <= b.Length; j++)
            {
                var kept = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                (diagonal, costs[j]) = (costs[j], Math.Min(kept, Math.Min(costs[j], costs[j - 1]) + 1));
            }
        }

        return Math.Max(0, 1 - ((double)costs[^1] / b.Length));
    }

    /// <summary>Compares as SQuAD does: without case, punctuation, articles and repeated spaces (Rajpurkar et al. 2016).</summary>
    public static double Exact(string found, string right) => Plain(found) == Plain(right) ? 1 : 0;

    private static string Plain(string text) => string.Join(' ', Articles().Replace(new string([.. text.ToLowerInvariant().Where(static c => !char.IsPunctuation(c))]), " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Articles();
}

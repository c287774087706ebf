using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace ServerlessLoki.Cli.Figures;

/// <summary>Colour of lines and areas, <c>#rrggbb</c>.</summary>
/// <param name="Light">Colour on white.</param>
/// <param name="Dark">Colour on near-black.</param>
internal sealed record FigureColor(string Light, string Dark)
{
    private const string LightPaper = "#ffffff";
    private const string DarkPaper = "#13161b";

    /// <summary>Colour of given values, which are not measured: demand, objectives.</summary>
    public static FigureColor Given { get; } = new("#626a75", "#9aa3af");

    /// <summary>Colours that can be told apart; pages have them as <c>--p0</c>, <c>--p1</c>, ….</summary>
    public static ImmutableArray<FigureColor> Palette { get; } =
    [
        new("#2f6fd0", "#6ea6ff"), new("#d9622b", "#ff9a66"), new("#1b8a5a", "#4cc38a"), new("#8a4fc7", "#c09bf2"), new("#b8860b", "#e3b341"),
        new("#0b8aa0", "#52c7dc"), new("#c2397c", "#f582b7"), new("#5f7d1f", "#a7c957"), new("#7a5c48", "#c9a58d"), new("#53606f", "#a5b1c0"),
    ];

    /// <summary>Returns the colour of an index.</summary>
    public static FigureColor Of(int index) => Palette[index % Palette.Length];

    /// <summary>Returns the colour of a task's variant: the task's own, paler for its less accurate variants.</summary>
    /// <param name="task">Index of the task.</param>
    /// <param name="rank">Rank of the variant; 0 = the least accurate.</param>
    /// <param name="count">Number of variants of the task.</param>
    public static FigureColor OfVariant(int task, int rank, int count)
    {
        var share = count <= 1 ? 1 : 0.3 + (0.7 * rank / (count - 1));
        var full = Of(task);
        return new FigureColor(Mix(LightPaper, full.Light, share), Mix(DarkPaper, full.Dark, share));
    }

    /// <summary>Writes the palette as custom properties of CSS, for both colour schemes.</summary>
    public static string Css()
    {
        static string Properties(Func<FigureColor, string> scheme)
        {
            var css = new StringBuilder();
            for (var i = 0; i < Palette.Length; i++)
                css.Append(CultureInfo.InvariantCulture, $"--p{i}:{scheme(Palette[i])};");
            return css.ToString();
        }

        return $":root{{{Properties(c => c.Light)}}}@media (prefers-color-scheme:dark){{:root{{{Properties(c => c.Dark)}}}}}";
    }

    private static string Mix(string paper, string color, double share)
    {
        var (from, to) = (Convert.FromHexString(paper.AsSpan(1)), Convert.FromHexString(color.AsSpan(1)));
        return "#" + Convert.ToHexStringLower([.. from.Zip(to, (a, b) => (byte)Math.Round(a + (share * (b - a))))]);
    }
}

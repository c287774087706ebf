using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;

namespace ServerlessLoki.Cli.Pages;

/// <summary>Page of figures that can be zoomed and read.</summary>
internal static class FigurePage
{
    /// <summary>Renders the page.</summary>
    /// <param name="heading">Heading in plain text; also the page's title.</param>
    /// <param name="summary">Summary in plain text, below the heading.</param>
    /// <param name="sections">Figures in reading order.</param>
    /// <param name="more">HTML after the figures.</param>
    public static string Render(string heading, string summary, ImmutableArray<FigureSection> sections, string more = "") =>
        HtmlPage.Render("figures", sections.SelectMany(s => s.Figures), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = WebUtility.HtmlEncode(heading),
            ["heading"] = WebUtility.HtmlEncode(heading),
            ["summary"] = WebUtility.HtmlEncode(summary),
            ["sections"] = Places(sections),
            ["more"] = more,
        });

    /// <summary>Writes the places that the script draws into, numbered like the figures in its data.</summary>
    private static string Places(ImmutableArray<FigureSection> sections)
    {
        var html = new StringBuilder();
        var number = 0;
        foreach (var section in sections)
        {
            html.Append(CultureInfo.InvariantCulture, $"<section><h2>{WebUtility.HtmlEncode(section.Heading)}</h2><div class=\"{(section.Wide ? "rows" : "grid")}\">");
            foreach (var title in section.Figures.Select(f => WebUtility.HtmlEncode(f.Title)))
                html.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>{title}</figcaption><div class=\"plot\" id=\"figure-{number++}\" role=\"img\" aria-label=\"{title}\"></div></figure>");
            html.Append("</div></section>");
        }

        return html.ToString();
    }
}

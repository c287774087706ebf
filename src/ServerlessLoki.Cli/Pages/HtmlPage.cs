using System.Text.Encodings.Web;
using System.Text.Json;
using ServerlessLoki.Cli.Figures;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Pages;

/// <summary>Self-contained HTML pages with plots: they need no network and no other file.</summary>
internal static class HtmlPage
{
    // The default encoder also escapes "<", so that no name can end the script element that holds the data.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.Default, Converters = { new FiniteNumberConverter(4) },
    };

    /// <summary>Renders a page.</summary>
    /// <param name="name">Name of the page's assets: <c>NAME.html</c>, the body, and <c>NAME.js</c>.</param>
    /// <param name="data">Data of the script.</param>
    /// <param name="values">HTML for the places <c>{{name}}</c> of the page (title, heading, summary) and of the body.</param>
    public static string Render<T>(string name, T data, Dictionary<string, string> values) => Fill(Asset("page.html"), new(values, StringComparer.Ordinal)
    {
        ["body"] = Fill(Asset($"{name}.html"), values),
        ["css"] = FigureColor.Css() + Asset("page.css"),
        ["data"] = JsonSerializer.Serialize(data, Json),
        ["library"] = Asset("plotly.js"),
        ["plots"] = Asset("plots.js"),
        ["script"] = Asset($"{name}.js"),
    });

    /// <summary>Replaces each place once, in one pass, so that values are not searched for names.</summary>
    private static string Fill(string template, Dictionary<string, string> values) => string.Concat(
        template.Split("{{").Select((part, i) => i == 0 || part.IndexOf("}}", StringComparison.Ordinal) is not (> 0 and var end) ? part : values[part[..end]] + part[(end + 2)..]));

    private static string Asset(string name)
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

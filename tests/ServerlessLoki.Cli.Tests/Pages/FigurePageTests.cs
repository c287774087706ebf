using System.Text.Json;
using ServerlessLoki.Cli.Pages;
using ServerlessLoki.Cli.Tests.Figures;

namespace ServerlessLoki.Cli.Tests.Pages;

public sealed class FigurePageTests
{
    private static string Page { get; } = FigurePage.Render(
        "x </script><script>alert(1)</script>{{data}}", "a < b", [new FigureSection("One & two", [SampleFigures.Lines, SampleFigures.Stacked], Wide: true), new FigureSection("Three", [SampleFigures.Log])], "<p>more</p>");

    [Fact]
    public void Render_Figures_HaveOnePlaceEachInTheOrderOfTheData()
    {
        const string Opens = "id=\"data\">";
        var json = Page[(Page.IndexOf(Opens, StringComparison.Ordinal) + Opens.Length)..];
        var data = JsonDocument.Parse(json[..json.IndexOf("</script>", StringComparison.Ordinal)]).RootElement;

        Assert.Equal(["a < b & \"c\"", "shares", "latency"], data.EnumerateArray().Select(f => f.GetProperty("title").GetString()));
        Assert.Equal(["queries/s", "share", "ms"], data.EnumerateArray().Select(f => f.GetProperty("y").GetProperty("title").GetString()));
        Assert.Equal([10, 20, 60, 20, 10], data[0].GetProperty("series")[1].GetProperty("y").EnumerateArray().Select(y => y.GetDouble()));
        Assert.All(Enumerable.Range(0, 3), i => Assert.Contains($"id=\"figure-{i}\"", Page, StringComparison.Ordinal));
        Assert.DoesNotContain("id=\"figure-3\"", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_NamesWithMarkup_StayText()
    {
        Assert.DoesNotContain("<script>alert", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("& <b>", Page, StringComparison.Ordinal);
        Assert.Contains("<h1>x &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{data}}</h1>", Page, StringComparison.Ordinal);
        Assert.Contains("<h2>One &amp; two</h2>", Page, StringComparison.Ordinal);
        Assert.Contains("<figcaption>a &lt; b &amp; &quot;c&quot;</figcaption>", Page, StringComparison.Ordinal);
    }
}

using System.Text.Json;
using System.Text.RegularExpressions;
using ServerlessLoki.Cli.Report;
using ServerlessLoki.Scenarios.Comparison;

namespace ServerlessLoki.Cli.Tests.Report;

public sealed partial class ReportPageTests
{
    [Fact]
    public void Render_Comparison_NeedsNothingElse()
    {
        var (result, pipelines) = Comparisons.Sample();

        var page = ReportPage.Render(result, pipelines);

        Assert.DoesNotContain("{{", page[..page.IndexOf("<script", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.DoesNotMatch(Fetched(), page[..page.IndexOf("plotly.js (basic", StringComparison.Ordinal)]);
        Assert.Contains("Licensed under the MIT license", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_NamesWithMarkup_StayText()
    {
        var (result, pipelines) = Comparisons.Sample("</script><script>alert(1)</script>{{data}}");

        var page = ReportPage.Render(result, pipelines);

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_BestOfAColumn_IsMarkedOnce()
    {
        var (result, pipelines) = Comparisons.Sample();

        var page = ReportPage.Render(result, pipelines);

        Assert.Equal(["loki"], result.Best(ComparisonMetrics.Attainment));
        var row = page[page.IndexOf("loki</th>", StringComparison.Ordinal)..];
        Assert.StartsWith("loki</th><td class=\"best\"", row, StringComparison.Ordinal);
        var other = page[page.IndexOf("hardware-only</th>", StringComparison.Ordinal)..];
        Assert.StartsWith("hardware-only</th><td data-label=\"in time\">", other, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Course_HasOnePointPerSecondAndEveryPlan()
    {
        var (result, pipelines) = Comparisons.Sample();

        var page = ReportPage.Render(result, pipelines);

        const string Opens = "id=\"data\">";
        var json = page[(page.IndexOf(Opens, StringComparison.Ordinal) + Opens.Length)..];
        json = json[..json.IndexOf("</script>", StringComparison.Ordinal)];
        var first = JsonDocument.Parse(json).RootElement.GetProperty("policies")[0];
        var timeline = result.Policies[0].Timeline!;
        Assert.Equal(timeline.Seconds.Length, first.GetProperty("served").GetArrayLength());
        Assert.Equal(timeline.Seconds[2].OnTime, first.GetProperty("served")[2].GetDouble());
        Assert.Equal(timeline.Changes.Length, first.GetProperty("changes").GetArrayLength());
        Assert.Equal(timeline.Variants.Length, first.GetProperty("variants").GetArrayLength());
    }

    [GeneratedRegex("""(src|href)\s*=\s*["']?https?:|@import|url\(""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Fetched();
}

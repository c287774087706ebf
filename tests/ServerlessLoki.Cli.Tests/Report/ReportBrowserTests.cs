using Microsoft.Playwright;
using ServerlessLoki.Cli.Report;
using ServerlessLoki.Cli.Tests.Pages;

namespace ServerlessLoki.Cli.Tests.Report;

/// <summary>The page as people meet it.</summary>
public sealed class ReportBrowserTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(400, ColorScheme.Light)]
    public async Task Page_InABrowser_DrawsAllChartsWithinItsWidth(int width, ColorScheme scheme)
    {
        using var folder = new TempFolder();
        var (result, pipelines) = Comparisons.Sample();
        var file = folder.File("report.html");
        await File.WriteAllTextAsync(file, ReportPage.Render(result, pipelines), TestContext.Current.CancellationToken);
        var complaints = new List<string>();

        var page = await browser.OpenAsync(file, width, scheme, complaints);

        Assert.Empty(complaints);
        // The trade-off, the course, and one plot of variants per policy.
        Assert.Equal(2 + result.Policies.Length, await page.Locator(".js-plotly-plot").CountAsync());
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        Assert.True(await page.EvaluateAsync<bool>("(t => t.scrollWidth <= t.clientWidth)(document.querySelector('.policies'))"), "the table is cut");
        Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('.js-plotly-plot')].every(p => p.querySelector('.trace path'))"), "a plot is blank");
        Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('.js-plotly-plot')].every(p => p.querySelector('.main-svg').clientWidth <= p.clientWidth + 20)"), "a plot covers another");
        Assert.Empty(await page.EvaluateAsync<string[]>("performance.getEntriesByType('resource').map(r => r.name)"));
        if (Environment.GetEnvironmentVariable("SERVERLESSLOKI_SCREENSHOTS") is { } screenshots)
            await page.ScreenshotAsync(new() { Path = Path.Combine(screenshots, $"report-{width}-{scheme}.png"), FullPage = true });
    }

    [Fact]
    public async Task Page_ClickOnAName_HidesItsLineInAllFourPlots()
    {
        using var folder = new TempFolder();
        var page = await OpenAsync(folder);
        const string Visible = "document.getElementById('course').data.filter(t => t.name === 'hardware-only' && t.visible !== false).length";
        Assert.Equal(4, await page.EvaluateAsync<int>(Visible));

        await page.GetByRole(AriaRole.Button, new() { Name = "hardware-only" }).ClickAsync();

        Assert.Equal(0, await page.EvaluateAsync<int>(Visible));
    }

    [Fact]
    public async Task Page_Lines_ShowTheValuesOfTheData()
    {
        using var folder = new TempFolder();
        var page = await OpenAsync(folder);

        Assert.True(await page.EvaluateAsync<bool>("""
            (() => {
              const data = JSON.parse(document.getElementById('data').textContent), lines = document.getElementById('course').data;
              const axis = document.getElementById('course')._fullLayout.xaxis;
              const same = (a, b) => JSON.stringify([...a]) === JSON.stringify(b);
              const bound = lines.filter(t => t.name === 'bound');
              return same(lines[0].y, data.demand) && [data.bound.served, data.bound.accuracies, data.bound.servers].every((values, i) => same(bound[i].y, values)) && data.policies.every(p => {
                const own = lines.filter(t => t.name === p.label);
                return own.length === 4 && [p.served, p.accuracies, p.p99, p.servers].every((values, row) => same(own[row].y, values))
                  && own.every(t => t.x.every((x, i) => axis.d2l(x) === 1000 * i * data.step));
              });
            })()
            """));
    }

    [Fact]
    public async Task Page_ZoomOfTheCourse_ZoomsTheVariants()
    {
        using var folder = new TempFolder();
        var page = await OpenAsync(folder);

        await page.EvaluateAsync("Plotly.relayout('course', { 'xaxis.range[0]': '1970-01-01 00:00:03', 'xaxis.range[1]': '1970-01-01 00:00:09' }).then(() => null)");

        await page.WaitForFunctionAsync("[...document.querySelectorAll('#variants .js-plotly-plot')].every(p => p._fullLayout.xaxis.r2l(p.layout.xaxis.range[0]) === 3000)");
    }

    private async Task<IPage> OpenAsync(TempFolder folder)
    {
        var (result, pipelines) = Comparisons.Sample();
        var file = folder.File("report.html");
        await File.WriteAllTextAsync(file, ReportPage.Render(result, pipelines), TestContext.Current.CancellationToken);
        return await browser.OpenAsync(file, 1280, ColorScheme.Light, []);
    }
}

using Microsoft.Playwright;
using ServerlessLoki.Cli.Report;

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
        // Five courses and trade-off, and one chart of variants per policy.
        Assert.Equal(5 + result.Policies.Length, await page.EvaluateAsync<int>("Object.keys(Chart.instances).length"));
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        Assert.True(await page.EvaluateAsync<bool>("[...document.querySelectorAll('canvas')].every(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v))"), "a chart is blank");
        if (Environment.GetEnvironmentVariable("SERVERLESSLOKI_SCREENSHOTS") is { } screenshots)
            await page.ScreenshotAsync(new() { Path = Path.Combine(screenshots, $"report-{width}-{scheme}.png"), FullPage = true });
    }

    [Fact]
    public async Task Page_ClickOnAName_HidesItsCourse()
    {
        using var folder = new TempFolder();
        var (result, pipelines) = Comparisons.Sample();
        var file = folder.File("report.html");
        await File.WriteAllTextAsync(file, ReportPage.Render(result, pipelines), TestContext.Current.CancellationToken);
        var page = await browser.OpenAsync(file, 1280, ColorScheme.Light, []);
        const string Visible = "Chart.getChart('served').getVisibleDatasetCount()";
        var before = await page.EvaluateAsync<int>(Visible);

        await page.GetByRole(AriaRole.Button, new() { Name = "hardware-only" }).ClickAsync();

        Assert.Equal(before - 1, await page.EvaluateAsync<int>(Visible));
    }
}

using Microsoft.Playwright;
using ServerlessLoki.Cli.Pages;
using ServerlessLoki.Cli.Tests.Figures;

namespace ServerlessLoki.Cli.Tests.Pages;

/// <summary>Pages of figures in a browser.</summary>
public sealed class FigureBrowserTests(Browser browser) : IClassFixture<Browser>
{
    private const string All = "[...document.querySelectorAll('.js-plotly-plot')]";

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(400, ColorScheme.Light)]
    public async Task Page_InABrowser_DrawsEachFigureWithinItsPlace(int width, ColorScheme scheme)
    {
        using var folder = new TempFolder();
        var complaints = new List<string>();

        var page = await OpenAsync(folder, width, scheme, complaints);

        Assert.Empty(complaints);
        Assert.Equal(3, await page.Locator(".js-plotly-plot").CountAsync());
        Assert.InRange(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), 1, width);
        Assert.True(await page.EvaluateAsync<bool>($"{All}.every(p => p.querySelector('.trace path'))"), "a plot is blank");
        Assert.True(await page.EvaluateAsync<bool>($"{All}.every(p => p.querySelector('.main-svg').clientWidth <= p.clientWidth + 20)"), "a plot covers another");
        Assert.True(await page.EvaluateAsync<bool>($$"""{{All}}.every(p => { const box = p.getBoundingClientRect(), legend = p.querySelector('.legend').getBoundingClientRect(); return legend.bottom <= box.bottom && legend.top >= p.querySelector('.nsewdrag').getBoundingClientRect().bottom; })"""), "a legend is cut or lies on the lines");
        Assert.Empty(await page.EvaluateAsync<string[]>("performance.getEntriesByType('resource').map(r => r.name)"));
        if (Environment.GetEnvironmentVariable("SERVERLESSLOKI_SCREENSHOTS") is { } screenshots)
            await page.ScreenshotAsync(new() { Path = Path.Combine(screenshots, $"figures-{width}-{scheme}.png"), FullPage = true });
    }

    [Fact]
    public async Task Page_Plots_HaveTheAxesAndColoursOfTheirFigures()
    {
        using var folder = new TempFolder();

        var page = await OpenAsync(folder, 1280, ColorScheme.Dark, []);

        Assert.Equal(["seconds", "seconds", "batch size"], await page.EvaluateAsync<string[]>($"{All}.map(p => p.layout.xaxis.title.text)"));
        Assert.Equal(["queries/s", "share", "ms"], await page.EvaluateAsync<string[]>($"{All}.map(p => p.layout.yaxis.title.text)"));
        Assert.Equal(["linear", "linear", "log"], await page.EvaluateAsync<string[]>($"{All}.map(p => p._fullLayout.yaxis.type)"));
        Assert.Equal(["demand", SampleFigures.Blue.Name], await page.EvaluateAsync<string[]>("[...document.querySelectorAll('#figure-0 .legendtext')].map(t => t.textContent)"));
        Assert.Equal(SampleFigures.Blue.Color.Dark, await page.EvaluateAsync<string>("document.getElementById('figure-0').data[1].line.color"));
        Assert.Equal(["0", "1"], await page.EvaluateAsync<string[]>("document.getElementById('figure-1')._fullLayout.yaxis.range.map(String)"));
    }

    [Fact]
    public async Task Page_Zoom_ZoomsTheFiguresOfTheSameQuantity()
    {
        using var folder = new TempFolder();
        var page = await OpenAsync(folder, 1280, ColorScheme.Light, []);
        const string Batches = "JSON.stringify(document.getElementById('figure-2')._fullLayout.xaxis.range)";
        var before = await page.EvaluateAsync<string>(Batches);

        await page.EvaluateAsync("Plotly.relayout('figure-0', { 'xaxis.range[0]': 10, 'xaxis.range[1]': 20 }).then(() => null)");

        await page.WaitForFunctionAsync("JSON.stringify(document.getElementById('figure-1').layout.xaxis.range) === '[10,20]'");
        Assert.Equal(before, await page.EvaluateAsync<string>(Batches));
    }

    private async Task<IPage> OpenAsync(TempFolder folder, int width, ColorScheme scheme, List<string> complaints)
    {
        var file = folder.File("figures.html");
        var html = FigurePage.Render("Figures", "One of each.", [new FigureSection("Over time", [SampleFigures.Lines, SampleFigures.Stacked], Wide: true), new FigureSection("Profile", [SampleFigures.Log])]);
        await File.WriteAllTextAsync(file, html, TestContext.Current.CancellationToken);
        return await browser.OpenAsync(file, width, scheme, complaints);
    }
}

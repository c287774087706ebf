using ServerlessLoki.Cli.Tests.Pages;
using Microsoft.Playwright;
using ServerlessLoki.Embedded;
using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Samples;

namespace ServerlessLoki.Cli.Tests.Report;

/// <summary>The status page of a host that asks for keys, as people meet it.</summary>
public sealed class StatusPageTests(Browser browser) : IClassFixture<Browser>
{
    private const string Key = "0123456789abcdef-first";
    private const string Head = "#head";

    [Fact]
    public async Task Page_HostWithKeys_AsksForOneAndKeepsItInItsTab()
    {
        using var folder = new TempFolder();
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions
            {
                PipelineFiles = [TrafficSample.PipelinePath],
                ProfileFile = Path.Combine(TrafficSample.Directory, "profile.csv"),
                DataDirectory = folder.File("data"),
                ApiKeys = ApiKeys.Parse("keys", Key),
            },
            TestContext.Current.CancellationToken);

        var page = await browser.OpenAsync(host.BaseAddress);
        await Assertions.Expect(page.Locator(Head)).ToHaveTextAsync("the host asks for an API key", Patience);
        await page.FillAsync("#key", "fedcba9876543210-wrong");
        await page.ClickAsync("#door button");
        await Assertions.Expect(page.Locator(Head)).ToHaveTextAsync("the host does not know this API key", Patience);
        await page.FillAsync("#key", Key);
        await page.ClickAsync("#door button");

        await Assertions.Expect(page.Locator(Head)).ToContainTextAsync("serving", new() { Timeout = Patience.Timeout });
        await Assertions.Expect(page.Locator("#plan tr td").First).ToBeVisibleAsync(new() { Timeout = Patience.Timeout });
        Assert.False(await page.Locator("#door").IsVisibleAsync());
        Assert.Equal((Key, 0, ""), (
            await page.EvaluateAsync<string>("sessionStorage.getItem('loki-api-key')"), await page.EvaluateAsync<int>("localStorage.length"), await page.EvaluateAsync<string>("document.cookie")));
        var fresh = await browser.OpenAsync(host.BaseAddress);
        await Assertions.Expect(fresh.Locator(Head)).ToHaveTextAsync("the host asks for an API key", Patience);
    }

    private static LocatorAssertionsToHaveTextOptions Patience => new() { Timeout = 60_000 };
}

using Microsoft.Playwright;

namespace ServerlessLoki.Cli.Tests.Pages;

/// <summary>The browser of the machine; tests skip where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Executable() is not { } executable)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    }

    /// <summary>A page of the given size; whatever it complains about is added to <paramref name="complaints"/>.</summary>
    public async Task<IPage> OpenAsync(string file, int width, ColorScheme scheme, List<string> complaints)
    {
        RequireBrowser();
        var page = await _browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme, Offline = true });
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) => complaints.AddRange(message.Type is "error" or "warning" ? [message.Text] : []);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return page;
    }

    /// <summary>The page at an address, with the network.</summary>
    public async Task<IPage> OpenAsync(Uri address)
    {
        RequireBrowser();
        var page = await _browser!.NewPageAsync();
        await page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    private void RequireBrowser() =>
        Assert.SkipWhen(_browser is null, "No browser: install chromium (Debian package chromium), or set CHROMIUM to its path.");

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private static string? Executable() =>
        new[] { Environment.GetEnvironmentVariable("CHROMIUM") }
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(p => new[] { Path.Combine(p, "chromium"), Path.Combine(p, "google-chrome") }))
            .FirstOrDefault(File.Exists);
}

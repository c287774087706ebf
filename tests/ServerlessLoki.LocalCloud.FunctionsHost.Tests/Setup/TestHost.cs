using System.Globalization;
using System.Text.RegularExpressions;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

/// <summary>The host as a process of its own.</summary>
internal sealed partial class TestHost : IAsyncDisposable
{
    public const string FunctionKey = "function-key";
    public const string MasterKey = "master-key";
    private const string Project = "ServerlessLoki.LocalCloud.FunctionsHost";
    private readonly AppProcess _process;

    private TestHost(AppProcess process, Uri address) =>
        (_process, Http) = (process, new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) });

    public HttpClient Http { get; }

    public string Log => _process.Log;

    public static async Task<TestHost> StartAsync(string app, IReadOnlyDictionary<string, string> settings, bool asksForKeys = false)
    {
        var process = Launch(app, settings, asksForKeys);
        try
        {
            return new TestHost(process, new Uri(await process.SaysAsync("ready: ", TestContext.Current.CancellationToken)));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it without waiting until it is ready.</summary>
    public static AppProcess Launch(string app, IReadOnlyDictionary<string, string> settings, bool asksForKeys = false) =>
        AppProcess.Start(Project, settings, ["--app", AppProcess.FolderOf(app), "--port", "0", .. asksForKeys ? ["--keys", $"{FunctionKey},{MasterKey}"] : Array.Empty<string>()]);

    public async Task<string> TextAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}{Environment.NewLine}{Log}");
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async Task<int> StatusAsync(HttpMethod method, string path, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (key is not null)
            request.Headers.Add("x-functions-key", key);
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }

    /// <summary>How often the test app has seen something.</summary>
    public async Task<int> SeenAsync(string name) => int.Parse(await TextAsync("/test/seen/" + name), CultureInfo.InvariantCulture);

    public Task HasSeenAsync(string name, int times = 1) =>
        Eventually.HoldsAsync(async () => await SeenAsync(name) >= times, () => $"'{name}' was seen {times} times by {Log}");

    public Task SaysAsync(string text) => _process.SaysAsync(text, TestContext.Current.CancellationToken);

    /// <summary>Id of the worker process that was started last.</summary>
    public int WorkerProcess() => int.Parse(Started().Matches(Log)[^1].Groups["id"].Value, CultureInfo.InvariantCulture);

    public Task<int> StopAsync() => _process.StopAsync(TestContext.Current.CancellationToken);

    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
            await _process.StopAsync(CancellationToken.None);
        await _process.DisposeAsync();
    }

    [GeneratedRegex(@"Worker process (?<id>\d+) starts", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Started();
}

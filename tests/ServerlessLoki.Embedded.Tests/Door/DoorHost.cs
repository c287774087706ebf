using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Http.Tests;

namespace ServerlessLoki.Embedded.Tests.Door;

/// <summary>The embedded host's own web server in front of a <see cref="FakeEngine"/>.</summary>
internal sealed class DoorHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DoorHost(WebApplication app, FakeEngine engine)
    {
        (_app, Engine) = (app, engine);
        Url = WebServer.Addresses(app)[0];
        Client = new HttpClient { BaseAddress = Url };
    }

    public FakeEngine Engine { get; }

    public Uri Url { get; }

    public HttpClient Client { get; }

    public int Connections => _app.Services.GetRequiredService<Connections>().Count;

    public static async Task<DoorHost> StartAsync(Func<EmbeddedHostOptions, EmbeddedHostOptions>? change = null)
    {
        var options = new EmbeddedHostOptions { PipelineFiles = [], DataDirectory = "." };
        options = change?.Invoke(options) ?? options;
        var engine = new FakeEngine();
        var app = WebServer.Build(options, new LokiApiContext { Engine = engine, Limits = options.Limits });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new DoorHost(app, engine);
    }

    /// <summary>Sends one request as it stands and gives all that comes until the server closes.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var client = new RawClient(Url);
        await client.SendAsync(request);
        return await client.ToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

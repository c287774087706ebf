using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ServerlessLoki.Serving.Api;

namespace ServerlessLoki.Serving.Tests.Api;

/// <summary>The API over real HTTP in front of a <see cref="FakeEngine"/>.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app, FakeEngine engine, LokiApiContext context)
    {
        (_app, Engine, Context) = (app, engine, context);
        Client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public HttpClient Client { get; }

    public FakeEngine Engine { get; }

    public LokiApiContext Context { get; }

    public static async Task<ApiHost> StartAsync(InferLimits? limits = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore().AddLogging();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseRouting();
        var engine = new FakeEngine();
        var context = new LokiApiContext { Engine = engine, Limits = limits ?? new InferLimits() };
        app.MapLokiApi(context);
        await app.StartAsync();
        return new ApiHost(app, engine, context);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>The API over real HTTP in front of a <see cref="FakeEngine"/> or another.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly FakeEngine? _engine;

    private ApiHost(WebApplication app, FakeEngine? engine, LokiApiContext context)
    {
        (_app, _engine, Context) = (app, engine, context);
        Client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public HttpClient Client { get; }

    public FakeEngine Engine => _engine ?? throw new InvalidOperationException("Another engine is behind it.");

    public LokiApiContext Context { get; }

    public static Task<ApiHost> StartAsync(InferLimits? limits = null, TimeProvider? time = null, IRetryTimes? retries = null) =>
        StartAsync(new FakeEngine(), limits, time, retries);

    public static async Task<ApiHost> StartAsync(IServingEngine engine, InferLimits? limits = null, TimeProvider? time = null, IRetryTimes? retries = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore().AddLogging();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Use(next => http =>
        {
            http.Features.Set(retries);
            return next(http);
        });
        app.UseRouting();
        var context = new LokiApiContext { Engine = engine, Limits = limits ?? new InferLimits(), Time = time ?? TimeProvider.System };
        app.MapLokiApi(context);
        await app.StartAsync();
        return new ApiHost(app, engine as FakeEngine, context);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

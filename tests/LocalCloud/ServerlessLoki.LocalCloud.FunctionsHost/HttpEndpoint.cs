using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Http;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using Yarp.ReverseProxy.Forwarder;

namespace ServerlessLoki.LocalCloud.FunctionsHost;

/// <summary>Server of HTTP functions. It answers 503 until the app is loaded.</summary>
internal sealed class HttpEndpoint : IAsyncDisposable
{
    /// <summary>Largest request body, bytes: the platform's own limit.</summary>
    private const long MostBodyBytes = 104_857_600;
    private readonly WebApplication _app;
    private readonly FunctionEndpoints _routes;
    private readonly HttpTrigger _trigger;
    private DurableWebhook? _webhook;
    private volatile bool _isOpen;

    private HttpEndpoint(WebApplication app, FunctionEndpoints routes, HttpTrigger trigger) => (_app, _routes, _trigger) = (app, routes, trigger);

    public Uri Address => new(_app.Urls.Single());

    public static async Task<HttpEndpoint> StartAsync(int port, FunctionCaller functions, HttpKeys? keys, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.Services.AddRouting();
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
            kestrel.Listen(System.Net.IPAddress.Loopback, port);
        });
        var app = builder.Build();
        var routes = new FunctionEndpoints();
        var trigger = new HttpTrigger(functions, app.Services.GetRequiredService<IHttpForwarder>(), keys, logs.CreateLogger<HttpTrigger>());
        var endpoint = new HttpEndpoint(app, routes, trigger);
        app.Use(endpoint.WhenOpenAsync);
        app.UseRouting();
        ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)app).DataSources.Add(routes);
        await app.StartAsync(cancellationToken);
        return endpoint;
    }

    /// <param name="functions">Functions with an HTTP trigger.</param>
    /// <param name="prefix">Prefix of each route.</param>
    /// <param name="webhook">Addresses of the Durable engine; null if there is no engine.</param>
    public void Open(IEnumerable<FunctionInfo> functions, string prefix, DurableWebhook? webhook)
    {
        _webhook = webhook;
        _routes.Open(functions, prefix, _trigger.HandleAsync);
        _isOpen = true;
    }

    /// <summary>Stops to take requests and lets running ones end, for as long as the token allows.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _trigger.Dispose();
        _routes.Dispose();
    }

    private Task WhenOpenAsync(HttpContext context, RequestDelegate next)
    {
        if (_isOpen)
            return _webhook is { } webhook && context.Request.Path.StartsWithSegments(DurableWebhook.Path, StringComparison.OrdinalIgnoreCase) ? webhook.HandleAsync(context) : next(context);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsync("The app is loading.", context.RequestAborted);
    }
}

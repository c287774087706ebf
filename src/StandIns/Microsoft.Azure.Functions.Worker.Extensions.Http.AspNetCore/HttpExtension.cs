using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: TriggerExtension(typeof(HttpExtension))]

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Maps HTTP-triggered functions to routes below host.json's prefix.</summary>
internal sealed partial class HttpExtension : TriggerExtension
{
    private IReadOnlyList<FunctionMethod> _functions = [];

    public override void Configure(IServiceCollection services, IReadOnlyList<FunctionMethod> functions)
    {
        _functions = functions;
        // What results of functions write themselves with.
        services.AddMvcCore();
    }

    public override void Map(WebApplication app)
    {
        var settings = app.Services.GetRequiredService<AppSettings>();
        var invoker = app.Services.GetRequiredService<FunctionInvoker>();
        var prefix = settings.OfHost("extensions:http:routePrefix") ?? "api";
        var key = FunctionKey.Of(settings);
        foreach (var function in _functions)
        {
            var trigger = (HttpTriggerAttribute)function.Trigger;
            var route = $"{prefix}/{trigger.Route ?? function.Name}".TrimStart('/');
            RequestDelegate run = context => key.Admits(context.Request, trigger.AuthLevel)
                ? RunAsync(invoker, function, context)
                : Refuse(context);
            if (trigger.Methods is { Length: > 0 } methods)
                app.MapMethods(route, methods.Select(m => m.ToUpperInvariant()), run);
            else
                app.Map(route, run);
        }
    }

    private static async Task RunAsync(FunctionInvoker invoker, FunctionMethod function, HttpContext context)
    {
        try
        {
            object trigger = function.TriggerParameter.ParameterType == typeof(HttpRequest)
                ? context.Request
                : throw new NotSupportedException($"The in-process host binds HTTP triggers to {nameof(HttpRequest)} only.");
            switch (await invoker.InvokeAsync(function, trigger, context.Request.RouteValues, context.RequestAborted))
            {
                case IActionResult result:
                    await result.ExecuteResultAsync(new ActionContext(context, context.GetRouteData(), new ActionDescriptor()));
                    break;
                case IResult result:
                    await result.ExecuteAsync(context);
                    break;
            }
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            LogFailed(context.RequestServices.GetRequiredService<ILogger<HttpExtension>>(), function.Name, e);
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    private static Task Refuse(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Error, "Function {Function} failed")]
    private static partial void LogFailed(ILogger logger, string function, Exception exception);
}

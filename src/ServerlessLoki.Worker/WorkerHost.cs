using Azure.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Worker;

/// <summary>Worker process: a small web server for probes, and the worker service.</summary>
internal static class WorkerHost
{
    /// <summary>Time after draining to close connections.</summary>
    private static readonly TimeSpan Closing = TimeSpan.FromSeconds(5);

    /// <exception cref="SettingsException">Settings have faults.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var settings = WorkerSettings.Read(builder.Configuration);
        // Probes come every few seconds: nobody wants to read of each.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddLimitedLogging();
        builder.Services.AddSingleton<WorkerService>();
        builder.Services.AddHostedService(static services => services.GetRequiredService<WorkerService>());
        builder.Services.AddMetricsExport(builder.Configuration, new DefaultAzureCredential());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.Drain + Closing);
        var app = builder.Build();

        // Alive is who answers at all. Ready is who follows a plan: the platform sends a worker nothing, but people look.
        app.MapGet("/healthz/live", static () => Results.Ok());
        app.MapGet("/healthz/ready", static (WorkerService worker) => worker.IsReady ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/status", static (WorkerService worker) => Results.Json(worker.Status()));
        return app;
    }
}

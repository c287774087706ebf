using Azure.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Fleet;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Functions.Setup;

/// <summary>Composition of the Function app.</summary>
public static class FunctionApp
{
    /// <summary>Limits of requests. The platform closes a request after 230 s; an answer must be there before, so longer deadlines are cut
    /// and not refused.</summary>
    internal static InferLimits Limits { get; } = new() { MaxDeadline = TimeSpan.FromDays(1), MostWait = TimeSpan.FromSeconds(220) };

    /// <summary>Builds the host.</summary>
    /// <param name="args">Command line arguments.</param>
    /// <param name="configure">Called last, for tests that replace services; null = none.</param>
    /// <exception cref="SettingsException">Settings have faults.</exception>
    public static IHost Build(string[] args, Action<IServiceCollection>? configure = null)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddLimitedLogging();
        var settings = FunctionSettings.Read(builder.Configuration);
        services.AddSingleton(settings);
        services.AddSingleton(settings.Azure);
        services.AddSingleton(static _ => new LokiApiContext { Limits = Limits });
        // Kestrel's own limit, 30 MB, is below the API's.
        services.AddOptions<KestrelServerOptions>().Configure<LokiApiContext>(static (kestrel, api) => kestrel.Limits.MaxRequestBodySize = api.Limits.MaxBodyBytes);
        services.AddSingleton<LokiEndpoints>();
        services.AddSingleton<AzurePorts>();
        services.AddSingleton(FleetOf);
        services.AddSingleton<IStateStore>(static s => s.GetRequiredService<AzurePorts>().State);
        services.AddSingleton<IRunIntake>(static s => s.GetRequiredService<AzurePorts>().State);
        services.AddSingleton<Brain>();
        services.AddSingleton<Func<CancellationToken, Task<RunSteps>>>(static s => s.GetRequiredService<Brain>().StepsAsync);
        services.AddSingleton<RunBacklog>();
        services.AddSingleton<OrchestratedRuns.Factory>(static s => client => ActivatorUtilities.CreateInstance<OrchestratedRuns>(s, client));
        services.AddHostedService(static s => s.GetRequiredService<Brain>());
        services.AddHostedService<DemandBeacon>();
        services.AddHostedService<HostWatch>();
        services.AddMetricsExport(builder.Configuration, new DefaultAzureCredential());
        configure?.Invoke(services);
        return builder.Build();
    }

    private static IFleet FleetOf(IServiceProvider services)
    {
        var settings = services.GetRequiredService<FunctionSettings>();
        return settings.IsLocalFleet
            ? new FixedSlots(settings.Fleet)
            : new ContainerAppsFleet(
                new FleetOptions { Apps = settings.Fleet }, services.GetRequiredService<AzurePorts>().Credential,
                services.GetRequiredService<ILogger<ContainerAppsFleet>>(), services.GetRequiredService<TimeProvider>());
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Distributed.Planner;

namespace ServerlessLoki.Functions.Tests;

/// <summary>An instance of the app over a real Azurite with the sample's pipeline, without triggers: tests call the timers' functions themselves.</summary>
internal sealed class StoredApp : IAsyncDisposable
{
    /// <summary>One after the other: what one test takes for long dead, another has just begun, and all have the same tables.</summary>
    public const string Collection = "storage";
    private readonly IHost _host;

    private StoredApp(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public AzurePorts Ports => Services.GetRequiredService<AzurePorts>();

    public static async Task<StoredApp> StartAsync(string storage, LocalServiceBus bus, Action<IServiceCollection>? configure = null)
    {
        var host = FunctionApp.Build(
            [
                $"--AzureWebJobsStorage={storage}", $"--ServiceBus={bus.ConnectionString}", $"--ServiceBus:administration={bus.AdministrationConnectionString}", $"--Loki:ModelCache={Path.GetDirectoryName(TrafficSample.Directory)}",
                "--Loki:Fleet:0:Device=cpu", "--Loki:Fleet:0:MaxReplicas=1", "--Loki:Fleet:0:SlotsPerReplica=4",
            ],
            services =>
            {
                services.AddLogging(l => l.ClearProviders());
                configure?.Invoke(services);
            });
        await host.Services.GetRequiredService<Brain>().StartAsync(TestContext.Current.CancellationToken);
        return new StoredApp(host);
    }

    /// <summary>The planner, once the app has read its pipelines.</summary>
    public async Task<PlannerCycle> PlannerAsync()
    {
        PlannerCycle? planner = null;
        await Patience.UntilAsync(
            () =>
            {
                try
                {
                    planner = Services.GetRequiredService<Brain>().Planner;
                }
                catch (InvalidOperationException)
                {
                    // It is starting.
                }

                return planner is not null;
            },
            "the app has read its pipelines");
        return planner!;
    }

    /// <summary>A function's class with its parts from the app.</summary>
    public T Function<T>(params object[] parts) => ActivatorUtilities.CreateInstance<T>(Services, parts);

    public async ValueTask DisposeAsync()
    {
        await Services.GetRequiredService<Brain>().StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}

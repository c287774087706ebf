using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.OrTools.Tests;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Remote;

namespace ServerlessLoki.Functions.Tests;

/// <summary>An instance of the app over a real Azurite with the sample's pipeline, without triggers: tests call the timers' functions themselves.</summary>
internal sealed class StoredApp : IAsyncDisposable
{
    private readonly IHost _host;

    private StoredApp(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public AzurePorts Ports => Services.GetRequiredService<AzurePorts>();

    public static async Task<StoredApp> StartAsync(string storage, string bus)
    {
        StandIn.NeedHost();
        NativeLibrary.Require();
        var host = FunctionApp.Build(
            [
                $"--AzureWebJobsStorage={storage}", $"--ServiceBus=Endpoint=sb://inprocess/{bus}", $"--Loki:ModelCache={Path.GetDirectoryName(TrafficSample.Directory)}",
                "--Loki:Fleet:0:Device=cpu", "--Loki:Fleet:0:MaxReplicas=1", "--Loki:Fleet:0:SlotsPerReplica=4",
            ],
            services => services.AddLogging(l => l.ClearProviders()));
        await host.Services.GetRequiredService<Brain>().StartAsync(TestContext.Current.CancellationToken);
        return new StoredApp(host);
    }

    /// <summary>The planner, once the app has read its pipelines.</summary>
    public async Task<PlannerCycle> PlannerAsync()
    {
        while (true)
        {
            try
            {
                return Services.GetRequiredService<Brain>().Planner;
            }
            catch (InvalidOperationException)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>A function's class with its parts from the app.</summary>
    public T Function<T>(params object[] parts) => ActivatorUtilities.CreateInstance<T>(Services, parts);

    public async ValueTask DisposeAsync()
    {
        await Services.GetRequiredService<Brain>().StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}

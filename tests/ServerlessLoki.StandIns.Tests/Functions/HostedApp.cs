using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.StandIns.Tests.Functions;

/// <summary>The in-process host with some of this assembly's functions.</summary>
internal sealed class HostedApp : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly string? _ownState;

    private HostedApp(IHost host, string? ownState) => (_host, _ownState) = (host, ownState);

    public DurableTaskClient Durable => _host.Services.GetRequiredService<InProcessDurableClient>();

    public HttpClient Http { get; private set; } = null!;

    public static async Task<HostedApp> StartAsync(
        string[] functions, string? state = null, string[]? settings = null, Action<IServiceCollection>? services = null)
    {
        var own = state is null ? Directory.CreateTempSubdirectory("functions-").FullName : null;
        var builder = FunctionsApplication.CreateBuilder(
        [
            "--urls=http://127.0.0.1:0", $"--FunctionsHost:State={state ?? own}", .. settings ?? [],
            .. functions.Select((n, i) => string.Create(CultureInfo.InvariantCulture, $"--AzureFunctionsJobHost:functions:{i}={n}")),
        ]);
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.ClearProviders();
        services?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new HostedApp(host, own) { Http = new HttpClient { BaseAddress = new Uri(address) } };
    }

    public async Task<OrchestrationMetadata> EndOfAsync(string id) =>
        await Durable.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        if (_ownState is not null)
            Directory.Delete(_ownState, recursive: true);
    }
}

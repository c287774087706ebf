using DurableTask.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing.Sidecar;
using Microsoft.DurableTask.Testing.Sidecar.Grpc;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Durable's engine in memory behind its gRPC service, and a worker of it. What it sends to the worker is recorded.</summary>
internal sealed class DurableEngine : IAsyncDisposable
{
    private readonly WebApplication _service;
    private readonly IHost _worker;

    private DurableEngine(WebApplication service, IHost worker, OrchestrationRecorder recorder) => (_service, _worker, Recorder) = (service, worker, recorder);

    public DurableTaskClient Client => _worker.Services.GetRequiredService<DurableTaskClient>();

    public OrchestrationRecorder Recorder { get; }

    public static async Task<DurableEngine> StartAsync(Action<DurableTaskRegistry> tasks, CancellationToken cancellationToken)
    {
        var (engine, recorder) = (new InMemoryOrchestrationService(), new OrchestrationRecorder());
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static k => k.ConfigureEndpointDefaults(static e => e.Protocols = HttpProtocols.Http2));
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc(static o => o.Interceptors.Add<OrchestrationRecorder>());
        builder.Services.AddSingleton(recorder).AddSingleton<IOrchestrationService>(engine).AddSingleton<IOrchestrationServiceClient>(engine).AddSingleton<TaskHubGrpcServer>();
        var service = builder.Build();
        service.MapGrpcService<TaskHubGrpcServer>();
        await service.StartAsync(cancellationToken);
        var channel = GrpcChannel.ForAddress(service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var host = Host.CreateEmptyApplicationBuilder(null);
        host.Services.AddDurableTaskWorker(b =>
        {
            b.UseGrpc(channel);
            b.AddTasks(tasks);
        });
        host.Services.AddDurableTaskClient(b =>
        {
            b.UseGrpc(channel);
            b.RegisterDirectly();
        });
        var worker = host.Build();
        await worker.StartAsync(cancellationToken);
        return new DurableEngine(service, worker, recorder);
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.StopAsync();
        _worker.Dispose();
        await _service.DisposeAsync();
    }
}

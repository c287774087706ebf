using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.ServiceBus;
using ServerlessLoki.LocalCloud.FunctionsHost.Worker;

namespace ServerlessLoki.LocalCloud.FunctionsHost;

/// <summary>gRPC server that workers call. It is separate from the server of HTTP functions, which ends first.</summary>
internal sealed class WorkerEndpoint : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WorkerEndpoint(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<WorkerEndpoint> StartAsync(WorkerStreams streams, HeldMessages messages, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.Services.AddRouting();
        builder.Services.AddSingleton(streams);
        builder.Services.AddSingleton(messages);
        builder.Services.AddGrpc(static o => (o.MaxReceiveMessageSize, o.MaxSendMessageSize) = (null, null));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, static o => o.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<WorkerStreams>();
        app.MapGrpcService<HeldMessages>();
        await app.StartAsync(cancellationToken);
        return new WorkerEndpoint(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}

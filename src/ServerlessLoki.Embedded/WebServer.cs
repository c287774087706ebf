using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded;

/// <summary>Kestrel with the API only: no configuration files, no environment, no console lifetime.</summary>
internal static class WebServer
{
    public static WebApplication Build(EmbeddedHostOptions options, LokiApiContext context)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Services.Configure<HostOptions>(h => h.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddRoutingCore();
        // Made by the container, which then disposes of it.
        builder.Services.AddSingleton(_ => new Connections(options.MaxConnections, options.MaxAnswerStall, options.Time));
        builder.WebHost.UseKestrelCore().UseSockets(sockets =>
        {
            // A body is copied out of a block by the thread that received it, while the block is in that core's cache, and
            // without a change of threads per block. What computes has threads of its own.
            sockets.UnsafePreferInlineScheduling = true;
        }).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.Limits.MaxBodyBytes;
            // A tensor of a usual size arrives without the socket having to wait for us.
            kestrel.Limits.MaxRequestBufferSize = 2 << 20;
            kestrel.Limits.MaxResponseBufferSize = 128 << 10;
            kestrel.Limits.MinRequestBodyDataRate = options.Limits.MinUploadRate > 0 ? new MinDataRate(options.Limits.MinUploadRate, options.Limits.UploadGrace) : null;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 8 << 20;
            kestrel.Limits.Http2.InitialStreamWindowSize = 4 << 20;
            var connections = kestrel.ApplicationServices.GetRequiredService<Connections>();
            Listen(options.Port, HttpProtocols.Http1);
            if (options.Http2Port is { } port)
                Listen(port, HttpProtocols.Http2);

            void Listen(int port, HttpProtocols protocols) => kestrel.Listen(options.Address, port, listen =>
            {
                listen.Protocols = protocols;
                listen.Use(next => connections.Guard(next, answersInText: protocols == HttpProtocols.Http1));
                listen.NoteArrivals(options.Time);
            });
        });
        // After Kestrel, which registers its own and would win.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, TensorBlockPool>();
        var app = builder.Build();
        app.UseRouting();
        app.MapLokiApi(context);
        app.UseMiddleware<DoorMiddleware>(options);
        return app;
    }

    /// <summary>Lists the addresses in the order of the listeners.</summary>
    public static Uri[] Addresses(WebApplication app) =>
    [
        .. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(a => new Uri(a.TrimEnd('/') + "/", UriKind.Absolute)),
    ];

    /// <summary>Lifetime that ignores signals of the process: the code that started the host stops it.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

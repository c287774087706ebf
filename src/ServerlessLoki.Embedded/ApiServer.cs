using System.Net;
using Microsoft.AspNetCore.Builder;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Embedded;

/// <summary>The HTTP interface of <see cref="EmbeddedHost"/> in front of an engine that the caller owns: the same server, access control and
/// limits.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private readonly WebApplication _web;
    private bool _disposed;

    private ApiServer(WebApplication web) => (_web, BaseAddress) = (web, WebServer.Addresses(web)[0]);

    /// <summary>Address of the API, for example <c>http://127.0.0.1:8080/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Opens the port; the API answers "not ready" until the context has its engine.</summary>
    /// <param name="options">Where it listens, and who may call; what it serves is not read.</param>
    /// <param name="context">Engine and runs, as the caller sets them.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="Door.OpenDoorException">The address is no loopback address, and callers are not asked for a key.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address or port may not be used.</exception>
    public static async Task<ApiServer> StartAsync(EmbeddedHostOptions options, LokiApiContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        if (!IPAddress.IsLoopback(options.Address) && options.ApiKeys is null && !options.AllowAnonymous)
            throw new Door.OpenDoorException(options.Address);
        NativeHeap.Tune();
        var web = WebServer.Build(options with { LoggerFactory = new LimitedLoggerFactory(options.LoggerFactory, options.Time) }, context);
        try
        {
            await web.StartAsync(cancellationToken);
            return new ApiServer(web);
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the port after running requests were answered.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        using var patience = new CancellationTokenSource(StopPatience);
        await _web.StopAsync(patience.Token);
        await _web.DisposeAsync();
    }
}

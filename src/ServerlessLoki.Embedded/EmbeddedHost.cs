using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded;

/// <summary>Host of everything in one process: engine, durable runs and the HTTP API. Used by <c>loki up</c>, tests and
/// benchmarks.</summary>
public sealed class EmbeddedHost : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private readonly LocalServing _serving;
    private readonly WebApplication _web;
    private readonly IdleTrim _trim;
    private readonly ProbeServer? _probes;
    private bool _disposed;

    private EmbeddedHost(LocalServing serving, WebApplication web, ProbeServer? probes, TimeProvider time)
    {
        (_serving, _web, _probes) = (serving, web, probes);
        _trim = new IdleTrim(serving.Engine, (TensorBlockPool)web.Services.GetRequiredService<IMemoryPoolFactory<byte>>(), time);
        var addresses = WebServer.Addresses(web);
        BaseAddress = addresses[0];
        Http2Address = addresses.ElementAtOrDefault(1);
    }

    /// <summary>Address of the API, for example <c>http://127.0.0.1:8080/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Address of HTTP/2 without TLS; null where that was not requested.</summary>
    public Uri? Http2Address { get; }

    /// <summary>Address of probes with a thread of their own; null where that was not requested.</summary>
    public Uri? ProbeAddress => _probes?.Address;

    /// <summary>Serving engine of the host.</summary>
    public ServingEngine Engine => _serving.Engine;

    /// <summary>Durable runs.</summary>
    public RunService Runs => _serving.Runs;

    /// <summary>Latencies in use.</summary>
    public LatencyProfile Profile => Engine.Profile;

    /// <summary>Starts a host. The port opens first and answers "not ready"; the call returns when queries are served.</summary>
    /// <exception cref="OptionsException">Options are out of bounds; lists all.</exception>
    /// <exception cref="OpenDoorException">The address is no loopback address, and callers are not asked for a key.</exception>
    /// <exception cref="StoreException">The data directory cannot be used.</exception>
    /// <exception cref="Pipelines.PipelineFormatException">A pipeline file has faults, or its models do not fit it.</exception>
    /// <exception cref="HostSetupException">Files that are sound by themselves do not go together.</exception>
    /// <exception cref="ProfileFormatException">The profile file has faults.</exception>
    /// <exception cref="Serving.Slots.VariantLoadException">A model cannot be loaded.</exception>
    /// <exception cref="IOException">A file cannot be read, or the port is taken.</exception>
    /// <exception cref="ProbePortException">The port for probes cannot be used.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address or port may not be used.</exception>
    public static async Task<EmbeddedHost> StartAsync(EmbeddedHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var check = new OptionCheck();
        check.Add(options.Faults());
        check.ThrowIfAny("this host");
        if (!IPAddress.IsLoopback(options.Address) && options.ApiKeys is null && !options.AllowAnonymous)
            throw new OpenDoorException(options.Address);
        options = options with { LoggerFactory = new LimitedLoggerFactory(options.LoggerFactory, options.Time) };
        NativeHeap.Tune();
        var context = new LokiApiContext { Limits = options.Limits, Time = options.Time };
        var serving = await LocalServing.OpenAsync(options, context, options.LoggerFactory, options.Time, cancellationToken);
        WebApplication? web = null;
        ProbeServer? probes = null;
        try
        {
            web = WebServer.Build(options, context);
            await web.StartAsync(cancellationToken);
            probes = options.ProbePort is { } port ? new ProbeServer(options.Address, port, context) : null;
            await serving.StartAsync(cancellationToken);
            return new EmbeddedHost(serving, web, probes, options.Time);
        }
        catch
        {
            probes?.Dispose();
            await StopAsync(web, serving);
            throw;
        }
    }

    /// <summary>Stops the host: the port closes, running queries are answered, accepted runs stay for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _trim.DisposeAsync();
        _probes?.Dispose();
        await StopAsync(_web, _serving);
    }

    private static async Task StopAsync(WebApplication? web, LocalServing serving)
    {
        // The callers first. A fault of the web server does not keep the engine from stopping.
        try
        {
            if (web is not null)
                await StopWebAsync(web);
        }
        finally
        {
            await serving.DisposeAsync();
        }
    }

    /// <summary>Stops the web server after running requests were answered; disposing alone would close their connections.</summary>
    private static async Task StopWebAsync(WebApplication web)
    {
        using var patience = new CancellationTokenSource(StopPatience);
        await web.StopAsync(patience.Token);
        await web.DisposeAsync();
    }
}

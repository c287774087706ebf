using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Embedded.Door;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Embedded;

/// <summary>Everything in one process: engine, durable runs and the HTTP API. What <c>loki up</c>, tests and benchmarks run.</summary>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "A composition root names what it composes.")]
public sealed partial class EmbeddedHost : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private readonly SqliteDatabase _database;
    private readonly WebApplication _web;
    private readonly IdleTrim _trim;
    private readonly ProfileKeeper _keeper;
    private readonly ProbeServer? _probes;
    private bool _disposed;

    private EmbeddedHost(
        SqliteDatabase database, WebApplication web, ProbeServer? probes, ServingEngine engine, RunService runs, ProfileKeeper keeper, EmbeddedHostOptions options)
    {
        (_database, _web, _probes, Engine, Runs) = (database, web, probes, engine, runs);
        _trim = new IdleTrim(engine, (TensorBlockPool)web.Services.GetRequiredService<IMemoryPoolFactory<byte>>(), options.Time);
        _keeper = keeper;
        keeper.Start(options.LoggerFactory.CreateLogger<ProfileKeeper>());
        var addresses = WebServer.Addresses(web);
        BaseAddress = addresses[0];
        Http2Address = addresses.ElementAtOrDefault(1);
    }

    /// <summary>Where it listens, for example <c>http://127.0.0.1:8080/</c>.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Where it takes HTTP/2 without TLS; null where that was not asked for.</summary>
    public Uri? Http2Address { get; }

    /// <summary>Where probes have a thread of their own; null where that was not asked for.</summary>
    public Uri? ProbeAddress => _probes?.Address;

    /// <summary>The engine.</summary>
    public ServingEngine Engine { get; }

    /// <summary>Durable runs.</summary>
    public RunService Runs { get; }

    /// <summary>The latencies in use.</summary>
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
        var engineOptions = options.Policy is { } policy ? options.Engine with { Policy = policy } : options.Engine;
        var fleet = FixedFleet.Cpu(options.Slots, engineOptions.Parallelism);
        var pipelines = await PipelineFiles.ReadAsync(
            options.PipelineFiles, options.Transforms, new ModelOptions { MaxBatch = engineOptions.MaxBatch }, cancellationToken);
        var database = SqliteDatabase.Open(options.DataDirectory);
        var logger = options.LoggerFactory.CreateLogger<EmbeddedHost>();
        foreach (var warning in database.Warnings)
            LogStore(logger, warning);
        DataFolder.Warn(options.DataDirectory, logger);
        var context = new LokiApiContext { Limits = options.Limits, Time = options.Time };
        WebApplication? web = null;
        ProbeServer? probes = null;
        ServingEngine? engine = null;
        RunService? runs = null;
        try
        {
            web = WebServer.Build(options, context);
            await web.StartAsync(cancellationToken);
            probes = options.ProbePort is { } port ? new ProbeServer(options.Address, port, context) : null;
            var state = new SqliteStateStore(database);
            var latencies = new HostProfile(state, options);
            var profile = await latencies.FindAsync(pipelines, engineOptions, cancellationToken);
            engine = new ServingEngine(
                engineOptions, pipelines, profile, fleet, new InProcessStageQueues(), state,
                options.Transforms, options.Time, options.LoggerFactory);
            engine.UseProfile(profile, latencies.IsProven);
            context.Engine = engine;
            await engine.StartAsync(cancellationToken);
            runs = new RunService(
                engine, state, state, new SqlitePayloadStore(database), state, options.Limits, options.Runs, options.Time, options.LoggerFactory,
                context.Budget);
            await runs.StartAsync(cancellationToken);
            context.Runs = runs;
            var keeper = new ProfileKeeper(
                engine, HostProfile.Device, latencies.IsMeasured ? stop => latencies.Measure(pipelines, engineOptions, stop) : null, latencies.IsProven,
                latencies.StoreAsync, options.Time);
            return new EmbeddedHost(database, web, probes, engine, runs, keeper, options);
        }
        catch
        {
            probes?.Dispose();
            await StopAsync(web, runs, engine, database);
            throw;
        }
    }

    /// <summary>Stops: the port closes, queries in hand are answered, accepted runs stay for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _trim.DisposeAsync();
        await _keeper.DisposeAsync();
        _probes?.Dispose();
        await StopAsync(_web, Runs, Engine, _database);
    }

    private static async Task StopAsync(WebApplication? web, RunService? runs, ServingEngine? engine, SqliteDatabase database)
    {
        // The callers first, the store last: each lives as long as those that use it, and one fault keeps none of them.
        try
        {
            if (web is not null)
                await StopWebAsync(web);
            if (runs is not null)
                await runs.DisposeAsync();
        }
        finally
        {
            try
            {
                if (engine is not null)
                    await engine.DisposeAsync();
            }
            finally
            {
                database.Dispose();
            }
        }
    }

    /// <summary>Lets requests in hand be answered: disposing alone would cut their connections.</summary>
    private static async Task StopWebAsync(WebApplication web)
    {
        using var patience = new CancellationTokenSource(StopPatience);
        await web.StopAsync(patience.Token);
        await web.DisposeAsync();
    }

    [LoggerMessage(3301, LogLevel.Warning, "{Warning}")]
    private static partial void LogStore(ILogger logger, string warning);
}

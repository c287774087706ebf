using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Embedded;

/// <summary>Engine and durable runs of one process, over SQLite. The web server in front belongs to the host: its own, or that of a user's
/// app.</summary>
/// <remarks>It starts in two steps. The first reads all files, so that their faults end the start before a port opens. The second may take
/// seconds, in which the open port answers "not ready".</remarks>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "A composition root names what it composes.")]
internal sealed partial class LocalServing : IAsyncDisposable
{
    private readonly ServerlessLokiOptions _options;
    private readonly EngineOptions _engineOptions;
    private readonly IReadOnlyList<PipelineSource> _pipelines;
    private readonly SqliteDatabase _database;
    private readonly LokiApiContext _context;
    private readonly ILoggerFactory _logs;
    private readonly TimeProvider _time;
    private ServingEngine? _engine;
    private RunService? _runs;
    private ProfileKeeper? _keeper;
    private bool _disposed;

    private LocalServing(
        ServerlessLokiOptions options, IReadOnlyList<PipelineSource> pipelines, SqliteDatabase database, LokiApiContext context, ILoggerFactory logs, TimeProvider time)
    {
        (_options, _engineOptions, _pipelines, _database, _context, _logs, _time) = (options, options.PlannedEngine, pipelines, database, context, logs, time);
    }

    /// <summary>Serving engine.</summary>
    public ServingEngine Engine => _engine ?? throw new InvalidOperationException("The engine has not started.");

    /// <summary>Durable runs.</summary>
    public RunService Runs => _runs ?? throw new InvalidOperationException("The engine has not started.");

    /// <summary>Reads the pipelines and opens the store.</summary>
    /// <param name="options">Options, checked.</param>
    /// <param name="context">Receives the engine and the runs once they serve.</param>
    /// <param name="logs">Loggers; not owned.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public static async Task<LocalServing> OpenAsync(
        ServerlessLokiOptions options, LokiApiContext context, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        var pipelines = await PipelineFiles.ReadAsync(
            options.PipelineFiles, options.Transforms, new ModelOptions { MaxBatch = options.Engine.MaxBatch }, cancellationToken);
        var database = SqliteDatabase.Open(options.DataDirectory);
        var logger = logs.CreateLogger<LocalServing>();
        foreach (var warning in database.Warnings)
            LogStore(logger, warning);
        DataFolder.Warn(options.DataDirectory, logger);
        return new LocalServing(options, pipelines, database, context, logs, time);
    }

    /// <summary>Finds the latencies, loads the models of the first plan and resumes stored runs; queries are served when the call
    /// returns.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var state = new SqliteStateStore(_database);
        var latencies = new HostProfile(state, _options.ProfileFile, _logs, _time);
        var profile = await latencies.FindAsync(_pipelines, _engineOptions, cancellationToken);
        _engine = new ServingEngine(
            _engineOptions, _pipelines, profile, FixedFleet.Cpu(_options.Slots, _engineOptions.Parallelism, _options.SlotMemoryMiB), new InProcessStageQueues(), state,
            _options.Transforms, _time, _logs);
        _engine.UseProfile(profile, latencies.IsProven);
        _context.Engine = _engine;
        await _engine.StartAsync(cancellationToken);
        _runs = new RunService(
            _engine, state, state, new SqlitePayloadStore(_database), state, _options.Limits, _options.Runs, _time, _logs, _context.Budget);
        await _runs.StartAsync(cancellationToken);
        _context.Runs = _runs;
        _keeper = new ProfileKeeper(
            _engine, HostProfile.Device, latencies.IsMeasured ? stop => latencies.Measure(_pipelines, _engineOptions, stop) : null, latencies.IsProven,
            latencies.StoreAsync, _time);
        _keeper.Start(_logs.CreateLogger<ProfileKeeper>());
    }

    /// <summary>Stops: running queries are answered, accepted runs stay for the next start. The web server must have stopped
    /// before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        // The store last: each part lives as long as those that use it, and a fault in one does not keep another from being released.
        try
        {
            if (_keeper is not null)
                await _keeper.DisposeAsync();
            if (_runs is not null)
                await _runs.DisposeAsync();
        }
        finally
        {
            try
            {
                if (_engine is not null)
                    await _engine.DisposeAsync();
            }
            finally
            {
                _database.Dispose();
            }
        }
    }

    [LoggerMessage(3301, LogLevel.Warning, "{Warning}")]
    private static partial void LogStore(ILogger logger, string warning);
}

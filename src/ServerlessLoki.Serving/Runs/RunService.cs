using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Runs;

/// <summary>Durable runs of pipelines: accepted only when stored, executed until they end, each result stored once.</summary>
/// <remarks>The store decides every race: the first end of a run counts. A process that dies leaves its runs accepted,
/// and the next start takes them up. A run ignores the pipeline's SLO; only its own deadline counts, from acceptance.</remarks>
public sealed partial class RunService : IRuns, IAsyncDisposable
{
    private readonly IServingEngine _engine;
    private readonly IRunIntake _intake;
    private readonly IStateStore _state;
    private readonly IPayloadStore _payloads;
    private readonly IRunKeeper _keeper;
    private readonly InferLimits _limits;
    private readonly ByteBudget _budget;
    private readonly RunOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, RunItem> _items = new(StringComparer.Ordinal);
    private readonly Channel<RunItem> _ready = Channel.CreateUnbounded<RunItem>();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _workers = [];

    /// <summary>Makes the service; nothing runs before <see cref="StartAsync"/>. Runs wait until their inputs fit into half of the budget,
    /// which requests share; null = a separate budget.</summary>
    /// <exception cref="OptionsException">Options or limits are out of bounds; lists all.</exception>
    public RunService(
        IServingEngine engine, IRunIntake intake, IStateStore state, IPayloadStore payloads, IRunKeeper keeper,
        InferLimits limits, RunOptions options, TimeProvider time, ILoggerFactory logs, ByteBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(logs);
        var check = new OptionCheck();
        check.Add(options.Faults());
        check.Add(limits.Faults());
        check.ThrowIfAny("durable runs");
        (_engine, _intake, _state, _payloads, _keeper, _limits, _options, _time) = (engine, intake, state, payloads, keeper, limits, options, time);
        _budget = budget ?? new ByteBudget(limits.MaxBytesInHand);
        _logger = logs.CreateLogger<RunService>();
    }

    /// <inheritdoc />
    public int Backlog => _items.Count;

    /// <inheritdoc />
    public string? StoreFault => _keeper.Fault;

    /// <summary>Resumes the runs that an earlier process left, then starts executing.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var unfinished = await _state.UnfinishedRunsAsync(cancellationToken);
        foreach (var run in unfinished)
            Add(run);
        if (unfinished.Count > 0)
            LogTakenUp(_logger, unfinished.Count);
        for (var i = 0; i < _options.Concurrency; i++)
            _workers.Add(Task.Run(WorkAsync, CancellationToken.None));
        _workers.Add(Task.Run(KeepAsync, CancellationToken.None));
        if (_options.Owner is not null)
            _workers.Add(Task.Run(TakeUpAsync, CancellationToken.None));
    }

    /// <inheritdoc />
    public async ValueTask<RunRecord> AcceptAsync(
        Pipeline pipeline, InferHeaders headers, PooledBytes body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(headers);
        using (body)
        {
            if (Backlog >= _options.MaxBacklog)
                throw new ApiFaultException(503, "unavailable", $"{Backlog} runs wait already.", _options.MaxBackOff);
            while (true)
            {
                var run = RunDraft.Of(pipeline, headers, body, _limits, _time.GetUtcNow());
                if (await _intake.AcceptAsync(run, body.Memory, cancellationToken) is not { } stored)
                    continue;
                Add(stored);
                return stored;
            }
        }
    }

    /// <inheritdoc />
    public ValueTask<RunRecord?> FindAsync(string id, CancellationToken cancellationToken) => _state.FindRunAsync(id, cancellationToken);

    /// <inheritdoc />
    public ValueTask<RunPage> ListAsync(int size, string? after, RunState? state, CancellationToken cancellationToken) =>
        _state.ListRunsAsync(size, after, state, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (!await _state.EndRunAsync(id, RunState.Cancelled, RunDraft.Cancelled, _time.GetUtcNow(), cancellationToken))
            return false;
        if (_items.TryRemove(id, out var item))
        {
            item.Cancel();
            await ForgetPayloadAsync(item.Run);
        }

        return true;
    }

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken) => _state.DeleteRunAsync(id, cancellationToken);

    /// <summary>Stops executing; runs that have not ended stay accepted for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        _ready.Writer.TryComplete();
        await Task.WhenAll(_workers);
        _stop.Dispose();
    }

    private void Add(RunRecord run)
    {
        var item = new RunItem(run);
        if (_items.TryAdd(run.Id, item))
            _ready.Writer.TryWrite(item);
    }
}

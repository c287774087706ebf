using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Dispatch;

/// <summary>Path of a query through the graph: admission, root, fan-out, deadline. <see cref="PendingQuery"/> does the join.</summary>
internal sealed partial class Dispatcher : IForwarder
{
    /// <summary>Order key of queries without a deadline, microseconds after arrival: they yield to all work that is due within a
    /// minute.</summary>
    internal const long PatienceUs = 60_000_000;

    /// <summary>Most times that an item may be rerouted because its variant has just left.</summary>
    private const int MaxReroutes = 3;
    private const string PastDeadline = "The deadline passed before the answer was ready.";

    /// <summary>Retry time while the engine stops.</summary>
    private static readonly TimeSpan RestartIn = TimeSpan.FromSeconds(1);

    /// <summary>Default deadline of a direct inference.</summary>
    public static readonly TimeSpan DirectLatency = TimeSpan.FromSeconds(60);
    private readonly LiveSet<QueryScope> _pending = new();
    private readonly ImmutableArray<Pipeline> _pipelines;
    private readonly EdgeTransforms[][] _edges;
    private readonly bool[] _hasJoins;
    private readonly ImmutableArray<Door> _doors;
    private readonly FrozenDictionary<string, Door> _byName;
    private volatile bool _isProven = true;
    private readonly ServingMetrics _metrics;
    private readonly IngressMonitor _monitor;
    private readonly IStageQueues _queues;
    private readonly ServingClock _clock;
    private readonly ILogger _logger;
    private readonly int _maxPending;
    private readonly long _longestSloUs;
    private readonly ulong _seed;
    private readonly StageKey[][][] _keys;
    private volatile RoutingState? _routing;
    private volatile string? _stopped;
    private long _sequence;

    private int _pendingCount;

    /// <summary>Set while somebody waits for the next query.</summary>
    private TaskCompletionSource? _asked;

    public Dispatcher(
        ImmutableArray<Pipeline> pipelines, Func<Variant, double?> singleUs, TransformRegistry transforms, ServingMetrics metrics, IngressMonitor monitor,
        IStageQueues queues, ServingClock clock, EngineOptions options, ILogger<Dispatcher> logger)
    {
        _pipelines = pipelines;
        _edges = [.. pipelines.Select(p => PreparedEdges.Of(p, transforms))];
        _hasJoins = [.. pipelines.Select(p => p.Tasks.Any(t => t.IsJoin))];
        _metrics = metrics;
        _doors = [.. pipelines.Select((p, i) => new Door(this, i, p))];
        _byName = _doors.ToFrozenDictionary(d => d.Pipeline.Name, StringComparer.Ordinal);
        Profiled(singleUs);
        _monitor = monitor;
        _queues = queues;
        _clock = clock;
        _logger = logger;
        _maxPending = options.MaxPending;
        _longestSloUs = pipelines.Max(p => p.SloUs);
        _seed = ItemKeys.Seed(options.Seed);
        _keys = [.. pipelines.Select(p => p.Tasks.Select(t => t.Variants
            .Select(v => new StageKey(p.Name, t.Name, v.Name)).ToArray()).ToArray())];
    }

    /// <summary>Queries and direct inferences that have not ended.</summary>
    public int PendingCount => Volatile.Read(ref _pendingCount);

    /// <summary>Routing state in force; null before the first plan is loaded.</summary>
    public RoutingState? Routing
    {
        get => _routing;
        set => _routing = value;
    }

    /// <summary>Replaces the latencies of single rows.</summary>
    /// <param name="singleUs">Time of one row by variant, microseconds; null = not profiled.</param>
    /// <param name="isProven">False while the latencies were measured only once.</param>
    public void Profiled(Func<Variant, double?> singleUs, bool isProven = true)
    {
        foreach (var door in _doors)
            door.LeastUs = FastestPath.Us(door.Pipeline, singleUs);
        _isProven = isProven;
    }

    public ImmutableArray<Pipeline> Pipelines => _pipelines;

    /// <summary>Finds a pipeline by its name; null if there is none.</summary>
    public ServedPipeline? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Finds the pipeline of a request.</summary>
    /// <exception cref="ArgumentException">There is none of this name; the message lists those there are.</exception>
    public ServedPipeline Asked(QueryRequest request) => Find(request.Pipeline)
        ?? throw new ArgumentException($"There is no pipeline {request.Pipeline}; known: {string.Join(", ", _pipelines.Select(p => p.Name))}.", nameof(request));

    /// <summary>Returns why no query of a pipeline can be answered within its SLO even without load; null = it can.</summary>
    public string? Unreachable(int pipeline) => _doors[pipeline].Unreachable();

    public StageKey Key(int pipeline, int task, int variant) => _keys[pipeline][task][variant];

    public ValueTask<VariantResult> SubmitAsync(int pipeline, int task, int variant, VariantRequest request, CancellationToken cancellationToken)
    {
        if (PendingCount >= _maxPending)
        {
            request.Owner?.Dispose();
            return ValueTask.FromResult(TooMany());
        }

        var arrivalUs = _clock.NowUs - (long)request.Age.TotalMicroseconds;
        var deadlineUs = arrivalUs + (long)(request.Latency ?? DirectLatency).TotalMicroseconds;
        // It ends here, while others in the queue still have stages below: what the pool keeps for those it need not keep.
        var belowUs = (long)(_routing?.Table.Option(pipeline, task, variant)?.ReservedBelowUs ?? 0);
        DirectQuery? query = null;
        query = new DirectQuery(request, _ => Forget(query!))
        {
            Pipeline = pipeline, ArrivalUs = arrivalUs, DeadlineUs = deadlineUs, OrderUs = deadlineUs + belowUs,
        };
        // Held while rows are sent: the query may end as soon as others see it, and its rows are read until the last one is in its queue.
        query.AddReference();
        Remember(query);
        for (var row = 0; row < request.Rows; row++)
            Send(new StageItem { Scope = query, Task = task, Variant = variant, ParentRow = row });
        query.Release();
        return Await(query, query.Result, cancellationToken);
    }

    /// <summary>Answers every query past its deadline, wherever its items are.</summary>
    public void ExpireDue()
    {
        var nowUs = _clock.NowUs;
        foreach (var query in _pending.Items())
        {
            if (query.DeadlineUs < nowUs)
                query.Fail(QueryOutcome.Expired, PastDeadline);
        }
    }

    /// <summary>Completes when there are queries: at once, or with the next one. For one caller at a time.</summary>
    public Task WhenPendingAsync()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _asked, asked);
        // Either this sees the query, or the query sees this.
        Interlocked.MemoryBarrier();
        return PendingCount > 0 ? Task.CompletedTask : asked.Task;
    }

    /// <summary>Ends all queries because the engine stops.</summary>
    public void FailAll(string reason)
    {
        // One that is remembered later sees the reason, one that was remembered before is seen here.
        _stopped = reason;
        Interlocked.MemoryBarrier();
        foreach (var query in _pending.Items())
            EndStopped(query, reason);
    }

    private static async ValueTask<T> Await<T>(QueryScope query, Task<T> result, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static state => ((QueryScope)state!).Fail(QueryOutcome.Cancelled, "The caller went away."), query);
        return await result;
    }

    private void Send(StageItem item)
    {
        item.Scope.AddReference();
        item.EnqueuedUs = _clock.NowUs;
        try
        {
            var sending = _queues.SendAsync(_keys[item.Scope.Pipeline][item.Task][item.Variant], item, CancellationToken.None);
            if (!sending.IsCompletedSuccessfully)
                _ = ObserveSendAsync(sending, item);
        }
        catch (Exception exception)
        {
            NotSent(item, exception);
        }
    }

    private async Task ObserveSendAsync(ValueTask sending, StageItem item)
    {
        try
        {
            await sending;
        }
        catch (Exception exception)
        {
            NotSent(item, exception);
        }
    }

    private void NotSent(StageItem item, Exception exception)
    {
        // The plan changed under it: it goes to a variant that is there, a few times at most.
        if (exception is StageUnservedException)
        {
            if (item.Reroutes++ < MaxReroutes)
                Evacuate(item, exception.Message);
            else
                item.Scope.Fail(QueryOutcome.Unavailable, exception.Message, PlanChangeIn);
            item.Scope.Release();
            return;
        }

        _logger.SendFailed(exception, item.Task);
        item.Scope.Fail(QueryOutcome.Failed, "A stage queue could not be reached.");
        item.Scope.Release();
    }

    private void Remember(QueryScope query)
    {
        Interlocked.Increment(ref _pendingCount);
        var place = query.Place = _pending.NewPlace();
        place.Item = query;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _asked) is not null)
            Interlocked.Exchange(ref _asked, null)?.TrySetResult();
        if (_stopped is { } reason)
            EndStopped(query, reason);
    }

    /// <summary>Ends a query during shutdown, because no thread would take it from its queue or check its deadline.</summary>
    private static void EndStopped(QueryScope query, string reason) => query.Fail(QueryOutcome.Unavailable, reason, RestartIn);

    private void Forget(QueryScope query)
    {
        _pending.Leave(query.Place!);
        Interlocked.Decrement(ref _pendingCount);
    }

    private static long Order(long nowUs, long deadlineUs) => deadlineUs == long.MaxValue ? nowUs + PatienceUs : deadlineUs;
}

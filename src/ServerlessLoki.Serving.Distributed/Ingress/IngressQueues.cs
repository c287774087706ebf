using System.Collections.Concurrent;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Ingress side of the stage queues: sends root items, complete joins and rows of direct inferences, and tracks the queries whose
/// replies it waits for.</summary>
internal sealed class IngressQueues(
    string replyTo, PipelineIndex index, ServingClock clock, IPayloadStore payloads, Func<long> planVersion, Func<StageItem, IngressScope> waiting)
    : IStageItems, IStageQueues
{
    private readonly ConcurrentDictionary<QueryScope, (string Id, IngressScope Query)> _byScope = new();
    private readonly ConcurrentDictionary<string, IngressScope> _byId = new(StringComparer.Ordinal);

    // A restarted ingress of the same name must not take replies to the one before for its own.
    private readonly string _prefix = $"{replyTo}/{Guid.NewGuid():N}/";
    private long _sequence;

    /// <summary>Transport of the messages.</summary>
    public required Func<IStageItems, IStageQueues> Transport
    {
        init => _queues = value(this);
    }

    private readonly IStageQueues _queues = null!;

    public IEnumerable<IngressScope> Waiting => _byId.Values;

    /// <summary>Count of queries that were sent and have no answer yet; read by each admission.</summary>
    public UnansweredWork Unanswered { get; } = new(index.Pipelines.Length);

    public IngressScope? Find(string queryId) => _byId.GetValueOrDefault(queryId);

    /// <summary>Stops tracking a query that has ended.</summary>
    public IngressScope? Forget(QueryScope scope)
    {
        if (!_byScope.TryRemove(scope, out var entry))
            return null;
        entry.Query.Forget();
        _byId.TryRemove(entry.Id, out _);
        return entry.Query;
    }

    public async ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
    {
        var query = Remember(item);
        try
        {
            if (!await SendingLimit.TrySendAsync(_queues, key, item, clock, cancellationToken))
                item.Scope.Fail(QueryOutcome.Expired, "The deadline passed before the stage queue could be reached.");
        }
        finally
        {
            // Its caller may have left before the query was remembered.
            if (item.Scope.HasEnded)
            {
                Forget(item.Scope);
                await query.CleanAsync(payloads);
            }
        }

        item.Scope.Release();
    }

    public IStageReceiver OpenReceiver(StageKey key, Action arrived) => throw new NotSupportedException("An ingress only sends.");

    public async ValueTask<StageMessage> MessageOfAsync(StageItem item, CancellationToken cancellationToken)
    {
        var (scope, pipeline) = (item.Scope, index.Pipelines[item.Scope.Pipeline]);
        var (id, query) = _byScope.TryGetValue(scope, out var entry) ? entry : throw new InvalidOperationException("The query has ended.");
        var direct = query as IngressInfer;
        var input = await InputAsync(item, query, cancellationToken);
        var tensor = item.Inputs is { } arrivals
            ? await Payloads.CheckAsync(PackedArrivals.Of(arrivals), StagePayload.InlineLimitBytes - (input?.Bytes.Length ?? 0), payloads, cancellationToken)
            : null;
        query.Stored(tensor?.Token);
        return new StageMessage
        {
            QueryId = id,
            ReplyTo = replyTo,
            Pipeline = pipeline.Name,
            Task = pipeline.Tasks[item.Task].Name,
            Variant = pipeline.Tasks[item.Task].Variants[item.Variant].Name,
            Edge = item.Edge,
            ParentTask = item.ParentTask < 0 ? null : pipeline.Tasks[item.ParentTask].Name,
            ParentStart = item.ParentStart,
            ParentStamp = item.ParentTask < 0 ? 0 : ((IngressQuery)query).StampOf(item.ParentTask, item.ParentStart),
            ParentRow = item.ParentRow,
            ItemKey = item.Key,
            Credit = direct?.CreditOf(item.ParentRow) ?? item.Credit,
            Accuracy = Math.Clamp(item.Accuracy, 0, 1),
            QueuedUs = Math.Max(0, item.QueuedUs),
            ComputedUs = Math.Max(0, item.ComputedUs),
            Arrival = clock.At(scope.ArrivalUs),
            Enqueued = clock.Time.GetUtcNow(),
            Deadline = scope.DeadlineUs == long.MaxValue ? null : clock.At(scope.DeadlineUs),
            MinAccuracy = scope.MinAccuracy,
            WantsProbabilities = scope.WantsProbabilities,
            PlanVersion = planVersion(),
            Input = input,
            Tensor = tensor,
            Arguments = Payloads.OfArguments(scope.Arguments),
        };
    }

    /// <summary>Stores a query's input once, however many of its items are sent from this process.</summary>
    private async ValueTask<StagePayload?> InputAsync(StageItem item, IngressScope query, CancellationToken cancellationToken)
    {
        if (item.Inputs is not null && !index.Pipelines[item.Scope.Pipeline].KeepsInput)
            return null;
        if (query is not IngressQuery remote)
        {
            var row = await Payloads.CheckAsync(((IngressInfer)query).Row(item.ParentRow), StagePayload.InlineLimitBytes, payloads, cancellationToken);
            query.Stored(row.Token);
            return row;
        }

        var input = Payloads.Of(item.Scope.Input!);
        if (remote.InputToken is { } token)
            return input with { Bytes = default, Token = token };
        input = await Payloads.CheckAsync(input, StagePayload.InlineLimitBytes, payloads, cancellationToken);
        query.Stored(remote.InputToken = input.Token);
        return input;
    }

    /// <summary>Tracks an item's query. The rows of a direct inference are sent one after the other, and tracked together.</summary>
    private IngressScope Remember(StageItem item)
    {
        if (_byScope.TryGetValue(item.Scope, out var entry))
            return entry.Query;
        var query = waiting(item);
        (query as IngressQuery)?.CountIn(Unanswered);
        var id = $"{_prefix}{Interlocked.Increment(ref _sequence)}";
        _byId[id] = query;
        _byScope[item.Scope] = (id, query);
        return query;
    }

    public ValueTask<StageItem> ItemOfAsync(StageMessage message, int deliveries, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An ingress only sends.");
}

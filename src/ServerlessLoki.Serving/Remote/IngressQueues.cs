using System.Collections.Concurrent;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Remote;

/// <summary>The ingress' end of the stage queues: sends root items, and remembers whose replies it waits for.</summary>
internal sealed class IngressQueues(
    string replyTo, PipelineIndex index, ServingClock clock, IPayloadStore payloads, Func<long> planVersion, Func<QueryScope, RemoteQuery> waiting)
    : IStageItems, IStageQueues
{
    private readonly ConcurrentDictionary<QueryScope, (string Id, RemoteQuery Query)> _byScope = new();
    private readonly ConcurrentDictionary<string, RemoteQuery> _byId = new(StringComparer.Ordinal);

    // A restarted ingress of the same name must not take replies to the one before for its own.
    private readonly string _prefix = $"{replyTo}/{Guid.NewGuid():N}/";
    private long _sequence;

    /// <summary>The transport.</summary>
    public required Func<IStageItems, IStageQueues> Transport
    {
        init => _queues = value(this);
    }

    private readonly IStageQueues _queues = null!;

    public IEnumerable<RemoteQuery> Waiting => _byId.Values;

    public RemoteQuery? Find(string queryId) => _byId.GetValueOrDefault(queryId);

    /// <summary>The query has ended.</summary>
    public RemoteQuery? Forget(QueryScope scope) =>
        _byScope.TryRemove(scope, out var entry) && _byId.TryRemove(entry.Id, out var query) ? query : null;

    public async ValueTask SendAsync(StageKey key, StageItem item, CancellationToken cancellationToken)
    {
        var query = waiting(item.Scope);
        var id = $"{_prefix}{Interlocked.Increment(ref _sequence)}";
        _byId[id] = query;
        _byScope[item.Scope] = (id, query);
        await _queues.SendAsync(key, item, cancellationToken);

        // Its caller may have gone before anybody knew whom to forget.
        if (item.Scope.HasEnded && Forget(item.Scope)?.InputToken is { } token)
            await payloads.DeleteAsync(token, CancellationToken.None);
        item.Scope.Release();
    }

    public IStageReceiver OpenReceiver(StageKey key, Action arrived) => throw new NotSupportedException("An ingress only sends.");

    public async ValueTask<StageMessage> MessageOfAsync(StageItem item, CancellationToken cancellationToken)
    {
        var (scope, pipeline) = (item.Scope, index.Pipelines[item.Scope.Pipeline]);
        var (id, query) = _byScope.TryGetValue(scope, out var entry) ? entry : throw new InvalidOperationException("The query has ended.");
        var input = await Payloads.CheckAsync(Payloads.Of(scope.Input!), StagePayload.InlineLimitBytes, payloads, cancellationToken);
        query.InputToken = input.Token;
        return new StageMessage
        {
            QueryId = id,
            ReplyTo = replyTo,
            Pipeline = pipeline.Name,
            Task = pipeline.Tasks[item.Task].Name,
            Variant = pipeline.Tasks[item.Task].Variants[item.Variant].Name,
            Credit = item.Credit,
            Accuracy = item.Accuracy,
            Arrival = clock.At(scope.ArrivalUs),
            Enqueued = clock.Time.GetUtcNow(),
            Deadline = scope.DeadlineUs == long.MaxValue ? null : clock.At(scope.DeadlineUs),
            MinAccuracy = scope.MinAccuracy,
            PlanVersion = planVersion(),
            Input = input,
        };
    }

    public ValueTask<StageItem> ItemOfAsync(StageMessage message, int deliveries, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An ingress only sends.");
}

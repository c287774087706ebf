using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Distributed.State;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Worker;

/// <summary>Conversion of a worker's messages: queries of other processes come in, their children go out.</summary>
internal sealed class WorkerItems(
    PipelineIndex index, ServingClock clock, IPayloadStore payloads, InputCache inputs, Func<StageMessage, StageReply, Task> reply,
    Func<VariantId, long> reservedBelowUs) : IStageItems
{
    public async ValueTask<StageMessage> MessageOfAsync(StageItem item, CancellationToken cancellationToken)
    {
        var scope = (WorkerQuery)item.Scope;
        var (origin, pipeline) = (scope.Message, index.Pipelines[scope.Pipeline]);
        var task = pipeline.Tasks[item.Task];
        // The same task again: the item went on to another variant, and its parent is whose it was.
        var isChild = item.Task != scope.Task;
        var input = pipeline.KeepsInput || !isChild ? origin.Input : null;
        var tensor = !isChild ? origin.Tensor
            : item.Tensor is { } row ? await Payloads.CheckAsync(Replies.OfTensor(row), StagePayload.InlineLimitBytes - (input?.Bytes.Length ?? 0), payloads, cancellationToken)
            : null;
        return origin with
        {
            Task = task.Name,
            Variant = task.Variants[item.Variant].Name,
            Edge = item.Edge,
            ParentTask = item.ParentTask < 0 ? null : pipeline.Tasks[item.ParentTask].Name,
            ParentStart = item.ParentStart,
            ParentStamp = isChild ? scope.Stamp : origin.ParentStamp,
            ParentRow = item.ParentRow,
            Region = item.Region,
            ItemKey = item.Key,
            Credit = item.Credit,
            Accuracy = Math.Clamp(item.Accuracy, 0, 1),
            QueuedUs = Math.Max(0, item.QueuedUs),
            ComputedUs = Math.Max(0, item.ComputedUs),
            Attempts = item.Attempts,
            Enqueued = clock.Time.GetUtcNow(),
            Input = input,
            Tensor = tensor,
        };
    }

    public async ValueTask<StageItem> ItemOfAsync(StageMessage message, int deliveries, CancellationToken cancellationToken)
    {
        var id = index.Find(message.Pipeline, message.Task, message.Variant);
        var pipeline = index.Pipelines[id.Pipeline];
        if (message.Input is { Kind: StagePayloadKind.Rows } rows)
            return await DirectAsync(message, rows, id, deliveries, cancellationToken);
        Check(message, pipeline, id.Task);
        var parent = message.ParentTask is { } name ? index.Task(id.Pipeline, name) : -1;
        var (input, isGone) = await InputAsync(message.Input, message.QueryId, cancellationToken);
        RowTensor? tensor = null;
        IReadOnlyList<JoinInput>? arrivals = null;
        if (message.Tensor is { } row)
        {
            var bytes = await Payloads.BytesAsync(row, payloads, cancellationToken);
            isGone |= bytes is null;
            if (row.Kind == StagePayloadKind.Arrivals)
                arrivals = bytes is { } packed ? Arrivals(packed, message, pipeline, id.Task) : [];
            else
                tensor = bytes is { } found ? Payloads.TensorOf(found) : null;
        }

        var arrivalUs = clock.UsAt(message.Arrival);
        var deadlineUs = message.Deadline is { } deadline ? clock.UsAt(deadline) : long.MaxValue;
        var scope = new WorkerQuery(message, pipeline.Tasks[id.Task], input, reply)
        {
            Pipeline = id.Pipeline,
            ArrivalUs = arrivalUs,
            DeadlineUs = deadlineUs,
            OrderUs = deadlineUs == long.MaxValue ? arrivalUs + Dispatcher.PatienceUs : deadlineUs,
            MinAccuracy = message.MinAccuracy,
            WantsProbabilities = message.WantsProbabilities,
            IsGone = isGone && !message.ReturnOnly,
            Arguments = Payloads.ArgumentsOf(message.Arguments),
        };
        // An express query deletes its payloads when it ends. A run that has lost them may well wait, and hears of it.
        if (isGone && message.ReturnOnly)
            scope.Fail(QueryOutcome.Failed, $"Message {message.MessageId}: a payload was gone from the store before it was read.");
        return new StageItem
        {
            Scope = scope,
            Task = id.Task,
            Variant = id.Variant,
            Edge = message.Edge,
            ParentTask = parent,
            ParentStart = message.ParentStart,
            ParentRow = message.ParentRow,
            Region = message.Region,
            Tensor = tensor,
            Inputs = arrivals,
            Credit = message.Credit,
            Key = message.ItemKey,
            Accuracy = message.Accuracy,
            QueuedUs = message.QueuedUs,
            ComputedUs = message.ComputedUs,
            EnqueuedUs = Math.Min(clock.NowUs, clock.UsAt(message.Enqueued)),
            Attempts = message.Attempts + deliveries,
        };
    }

    /// <summary>Makes the item of a direct inference's row. It has no stages below, so the time that the pool reserves for those does not
    /// apply.</summary>
    private async ValueTask<StageItem> DirectAsync(StageMessage message, StagePayload rows, VariantId id, int deliveries, CancellationToken cancellationToken)
    {
        var bytes = await Payloads.BytesAsync(rows, payloads, cancellationToken);
        var arrivalUs = clock.UsAt(message.Arrival);
        var deadlineUs = message.Deadline is { } deadline ? clock.UsAt(deadline) : long.MaxValue;
        var scope = new WorkerInfer(message, bytes is { } packed ? TensorPack.Read(packed) : [], reply)
        {
            Pipeline = id.Pipeline,
            ArrivalUs = arrivalUs,
            DeadlineUs = deadlineUs,
            OrderUs = (deadlineUs == long.MaxValue ? arrivalUs + Dispatcher.PatienceUs : deadlineUs) + reservedBelowUs(id),
        };
        if (bytes is null)
            scope.Fail(QueryOutcome.Cancelled, "The query had ended before its row came here.");
        return new StageItem
        {
            Scope = scope, Task = id.Task, Variant = id.Variant, ParentRow = 0, Credit = message.Credit,
            EnqueuedUs = Math.Min(clock.NowUs, clock.UsAt(message.Enqueued)), Attempts = message.Attempts + deliveries,
        };
    }

    private static void Check(StageMessage message, Pipeline pipeline, int task)
    {
        if (message.Edge >= pipeline.Edges.Length || (message.Edge >= 0 && pipeline.Edges[message.Edge].To != task))
            throw new FormatException($"Edge {message.Edge} does not lead to task {pipeline.Name}/{message.Task}.");
        if (message.Edge < 0 != message.ParentTask is null || (message.Edge < 0 && task != 0))
            throw new FormatException($"An item of task {pipeline.Name}/{message.Task} came without its edge or parent.");
        if (pipeline.Tasks[task].IsJoin != (message.Tensor?.Kind == StagePayloadKind.Arrivals))
            throw new FormatException($"An item of task {pipeline.Name}/{message.Task} came {(pipeline.Tasks[task].IsJoin ? "without" : "with")} what a join waits for.");
        if (message.Input is null && (message.Edge < 0 || pipeline.KeepsInput))
            throw new FormatException($"An item of task {pipeline.Name}/{message.Task} came without the query's input.");
    }

    private static IReadOnlyList<JoinInput> Arrivals(ReadOnlyMemory<byte> packed, StageMessage message, Pipeline pipeline, int task)
    {
        var arrivals = PackedArrivals.Read(packed);
        foreach (var arrival in arrivals)
        {
            if (arrival.Edge >= pipeline.Edges.Length || pipeline.Edges[arrival.Edge].To != task)
                throw new FormatException($"Edge {arrival.Edge} of what arrived does not lead to task {pipeline.Name}/{message.Task}.");
        }

        return arrivals;
    }

    /// <summary>Finds the input; gone when its bytes were deleted, which happens after a query has ended.</summary>
    private async ValueTask<(QueryInput? Input, bool IsGone)> InputAsync(StagePayload? payload, string query, CancellationToken cancellationToken)
    {
        if (payload is null)
            return (null, false);
        if (payload is { Token: null, Kind: not StagePayloadKind.Picture })
            return (Payloads.InputOf(payload, payload.Bytes), false);
        var input = await inputs.FindAsync(payload, query, cancellationToken);
        return (input, input is null);
    }
}

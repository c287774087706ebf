using System.Runtime.InteropServices;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;
using ServerlessLoki.Simulation.Traffic;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Messages that an orchestrator sends: the root of a run, and the children of each answer. Pure: the same arguments give the same
/// messages, so that a replay sends the same messages.</summary>
internal static class StageExpansion
{
    /// <summary>Makes the first message of a run.</summary>
    /// <param name="pipeline">Pipeline of the run.</param>
    /// <param name="routes">Routes of the published plan.</param>
    /// <param name="pipelineIndex">Index of the pipeline in the plan.</param>
    /// <param name="queryId">Id of the run's instance.</param>
    /// <param name="replyTo">Inbox of the answers.</param>
    /// <param name="input">Input of the run.</param>
    /// <param name="arrival">Arrival time of the run.</param>
    /// <param name="deadline">Deadline of the run; null = none.</param>
    /// <param name="minAccuracy">Least acceptable accuracy, 0..1; 0 = none.</param>
    /// <returns>Message; null when no deployed variant can reach the accuracy.</returns>
    public static StageMessage? Root(
        Pipeline pipeline, RoutingTable routes, int pipelineIndex, string queryId, string replyTo, StagePayload input, DateTimeOffset arrival,
        DateTimeOffset? deadline = null, double minAccuracy = 0)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(routes);
        var key = KeyOf(queryId, Credit.Whole, 0);
        var variant = routes.ChooseRoot(pipelineIndex, HashRandom.Unit(key), minAccuracy);
        return variant < 0 ? null : new StageMessage
        {
            QueryId = queryId,
            ReplyTo = replyTo,
            Pipeline = pipeline.Name,
            Task = pipeline.Root.Name,
            Variant = pipeline.Root.Variants[variant].Name,
            ItemKey = key,
            Accuracy = pipeline.Root.Variants[variant].Accuracy,
            Arrival = arrival,
            Enqueued = arrival,
            Deadline = deadline,
            MinAccuracy = minAccuracy,
            PlanVersion = routes.Plan.Version,
            ReturnOnly = true,
            Input = input,
        };
    }

    /// <summary>Makes the children of an answer, in the order of their credit; none for a leaf, where nothing was found, or where all
    /// arrived at joins.</summary>
    /// <param name="pipeline">Pipeline of the run.</param>
    /// <param name="transforms">Stage transforms by name.</param>
    /// <param name="routes">Routes of the published plan.</param>
    /// <param name="pipelineIndex">Index of the pipeline in the plan.</param>
    /// <param name="message">Message that was sent.</param>
    /// <param name="reply">Reply to the message; no failure.</param>
    /// <param name="now">Current time of the orchestrator.</param>
    /// <exception cref="FormatException">The answer is of another pipeline.</exception>
    /// <exception cref="InvalidOperationException">A child's task has no deployed variant that is accurate enough.</exception>
    public static IReadOnlyList<StageMessage> Children(
        Pipeline pipeline, TransformRegistry transforms, RoutingTable routes, int pipelineIndex, StageMessage message, StageReply reply, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(reply);
        var task = pipeline.FindTask(reply.Task) ?? throw new FormatException($"Task {pipeline.Name}/{reply.Task} is not known here.");
        var parent = task.Variants.FirstOrDefault(v => v.Name == reply.Variant)
            ?? throw new FormatException($"Variant {pipeline.Name}/{reply.Task}/{reply.Variant} is not known here.");
        var rows = ImmutableCollectionsMarshal.AsArray(reply.Rows) ?? [];
        var edges = PreparedEdges.Of(pipeline, transforms);
        var children = new List<(int Edge, int Row)>();
        foreach (var edge in task.Outgoing)
            Stages.Children.Add(task, edges[edge.Index], rows, children);
        var stamp = StampOf(reply);
        var (_, parts) = Passages.Of(pipeline, task.Index, reply.Credit, null, rows, null, children);
        return [.. children.Zip(parts).Where(c => c.Second.Kind == PassageKind.Child).Select(c =>
            Child(pipeline, routes, pipelineIndex, message, reply, parent, c.First.Edge, c.First.Row, rows, c.Second.Credit, stamp, now))];
    }

    /// <summary>Makes the message of a join, with its arrivals inline.</summary>
    /// <exception cref="InvalidOperationException">The join's task has no deployed variant that is accurate enough.</exception>
    internal static StageMessage Join(
        Pipeline pipeline, RoutingTable routes, int pipelineIndex, StageMessage root, ReadyJoin join, StageReply fork, DateTimeOffset now)
    {
        var (task, last) = (pipeline.Tasks[join.Task], join.Arrivals[^1]);
        var needed = root.MinAccuracy <= 0 || join.Accuracy <= 0 ? 0 : root.MinAccuracy / join.Accuracy;
        var key = KeyOf(root.QueryId, join.Credit, join.Task);
        var variant = routes.ChooseChild(pipelineIndex, last.Input.Edge, last.From.Variant, HashRandom.Unit(key), needed);
        if (variant < 0)
            throw new InvalidOperationException($"No deployed variant of task {pipeline.Name}/{task.Name} reaches min_accuracy {root.MinAccuracy:0.####}.");
        return root with
        {
            Task = task.Name,
            Variant = task.Variants[variant].Name,
            Edge = last.Input.Edge,
            ParentTask = fork.Task,
            ParentStart = fork.Credit.Start,
            ParentStamp = StampOf(fork),
            ItemKey = key,
            Credit = join.Credit,
            Accuracy = Math.Clamp(join.Accuracy * task.Variants[variant].Accuracy, 0, 1),
            QueuedUs = join.Arrivals.Max(a => a.From.QueuedUs),
            ComputedUs = join.Arrivals.Max(a => a.From.ComputedUs),
            Attempts = 0,
            Round = 0,
            Enqueued = now,
            PlanVersion = routes.Plan.Version,
            Input = pipeline.KeepsInput ? root.Input : null,
            Tensor = PackedArrivals.Of([.. join.Arrivals.Select(a => a.Input)]),
        };
    }

    /// <summary>Computes the stamp of a reply. A stored tensor is identified by its token, since it never changes.</summary>
    private static ulong StampOf(StageReply reply) => AnswerStamp.Of(
        reply.Variant + reply.Tensor?.Token, reply.Rows.AsSpan(), reply.Tensor is { Token: null } tensor ? tensor.Bytes.Span : []);

    /// <summary>Makes the same work for another variant after a failure: the fastest other one that is accurate enough.</summary>
    /// <returns>Message; null when there is no other variant.</returns>
    public static StageMessage? Retry(Pipeline pipeline, RoutingTable routes, int pipelineIndex, StageMessage message, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(message);
        var task = pipeline.FindTask(message.Task) ?? throw new FormatException($"Task {pipeline.Name}/{message.Task} is not known here.");
        var failed = task.Variants.First(v => v.Name == message.Variant);
        Variant? best = null;
        var bestUs = double.MaxValue;
        foreach (var option in routes.Options(pipelineIndex, task.Index))
        {
            var reachable = message.Accuracy / failed.Accuracy * option.Accuracy * routes.BestAccuracyBelow(pipelineIndex, task.Index);
            if (option.Variant != failed.Index && reachable >= message.MinAccuracy - 1e-9 && option.SingleUs < bestUs)
                (best, bestUs) = (task.Variants[option.Variant], option.SingleUs);
        }

        return best is null ? null : message with
        {
            Variant = best.Name,
            Accuracy = Math.Clamp(message.Accuracy / failed.Accuracy * best.Accuracy, 0, 1),
            Attempts = 0,
            Enqueued = now,
            PlanVersion = routes.Plan.Version,
        };
    }

    private static StageMessage Child(
        Pipeline pipeline, RoutingTable routes, int pipelineIndex, StageMessage message, StageReply reply, Variant parent, int edgeIndex, int row,
        OutputRow[] rows, Credit credit, ulong stamp, DateTimeOffset now)
    {
        var edge = pipeline.Edges[edgeIndex];
        var task = pipeline.Tasks[edge.To];
        var needed = message.MinAccuracy <= 0 || reply.Accuracy <= 0 ? 0 : message.MinAccuracy / reply.Accuracy;
        var key = KeyOf(message.QueryId, credit, edge.To);
        var variant = routes.ChooseChild(pipelineIndex, edgeIndex, parent.Index, HashRandom.Unit(key), needed);
        if (variant < 0)
            throw new InvalidOperationException($"No deployed variant of task {pipeline.Name}/{task.Name} reaches min_accuracy {message.MinAccuracy:0.####}.");
        return message with
        {
            Task = task.Name,
            Variant = task.Variants[variant].Name,
            Edge = edgeIndex,
            ParentTask = reply.Task,
            ParentStart = reply.Credit.Start,
            ParentStamp = stamp,
            ParentRow = row,
            Region = row >= 0 ? rows[row] : default,
            ItemKey = key,
            Credit = credit,
            Accuracy = Math.Clamp(reply.Accuracy * task.Variants[variant].Accuracy, 0, 1),
            QueuedUs = reply.QueuedUs,
            ComputedUs = reply.ComputedUs,
            Attempts = 0,
            Round = 0,
            Enqueued = now,
            PlanVersion = routes.Plan.Version,
            Input = pipeline.KeepsInput ? message.Input : null,
            Tensor = pipeline.FindTask(reply.Task)?.Output.IsTensors == true ? reply.Tensor : null,
        };
    }

    /// <summary>Computes the key of an item, which depends on the work only.</summary>
    private static ulong KeyOf(string queryId, Credit credit, int task) => ItemKeys.OfRun(AnswerStamp.Of(queryId, [], []), credit.Start, task);
}

using ServerlessLoki.Pipelines;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Api;
using ServerlessLoki.Serving.Api.Runs;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Inference.Transforms;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Remote.Runs;

/// <summary>The steps of an orchestrated run. Each may run twice (a host died before it was noted): it then sends the same messages, whose
/// replies are equal, and ends the run once.</summary>
/// <param name="engine">Knows pipelines and the published plan.</param>
/// <param name="state">Where runs lie.</param>
/// <param name="payloads">Inputs, and answers too large for an event.</param>
/// <param name="sender">Puts messages into stage queues.</param>
/// <param name="transforms">Stage transforms by name.</param>
/// <param name="limits">What a request may ask for.</param>
/// <param name="time">Clock.</param>
public sealed class RunSteps(
    IServingEngine engine, IStateStore state, IPayloadStore payloads, IStageSender sender, TransformRegistry transforms, InferLimits limits, TimeProvider time)
{
    /// <summary>Inbox that all runs share.</summary>
    public const string ReplyTo = "stage-results";

    private const int InlineInputBytes = 4 << 10;

    /// <summary>Sends the root stage.</summary>
    /// <exception cref="InvalidOperationException">There is no plan yet: try again.</exception>
    public async Task<SentStages> BeginAsync(RunStart run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (ModelNames.FindPipeline(engine, run.Pipeline) is not { } pipeline)
            return SentStages.None("not_found", $"This app no longer serves a pipeline '{run.Pipeline}'.");
        var (routes, index) = Routes(pipeline);
        if (await payloads.FindAsync(run.Payload, cancellationToken) is not { } body)
            return SentStages.None("failed", "The run's input is gone from the store.");
        StagePayload input;
        InferParameters bounds;
        var headers = RunParameters.Read(run.Parameters);
        try
        {
            var call = PipelineQuery.Read(pipeline, headers, PooledBytes.CopyOf(body), limits);
            using (call.Input)
            {
                bounds = call.Parameters;
                input = headers.Form == BodyForm.Png
                    ? new StagePayload { Kind = StagePayloadKind.Png, Token = run.Payload }
                    : await Detached(Payloads.Of(call.Input), cancellationToken);
            }
        }
        catch (ApiFaultException e)
        {
            return SentStages.None(e.Code, e.Message);
        }

        var deadline = bounds.Latency is { } latency ? run.Created + latency : default(DateTimeOffset?);
        if (deadline <= time.GetUtcNow())
            return SentStages.None(QueryOutcomes.Code(QueryOutcome.Expired), "The run's own deadline passed before it could be served.");
        var root = StageExpansion.Root(pipeline, routes, index, run.Id, ReplyTo, input, run.Created, deadline, bounds.MinAccuracy ?? 0);
        return root is null
            ? SentStages.None(QueryOutcomes.Code(QueryOutcome.Unavailable), $"No deployed variant reaches min_accuracy {bounds.MinAccuracy:0.####}.")
            : await SendAsync(pipeline, [root], 1, cancellationToken) with { HasJoins = pipeline.Tasks.Any(t => t.IsJoin) };
    }

    /// <summary>Sends the children of an answer. A stage that failed sends none and says so.</summary>
    public async Task<SentStages> ExpandAsync(StageStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        var reply = await ReadAsync(step.Arrival!, cancellationToken);
        if (reply.Failure is { } failure)
        {
            // Told by several, or told again: the attempt that failed is over already.
            if (reply.Round < MessageOf(step.Ticket).Round)
                return SentStages.Late;
            return SentStages.None(
                QueryOutcomes.Code(failure.Outcome), failure.Error,
                failure.Outcome is QueryOutcome.Failed or QueryOutcome.Unavailable or QueryOutcome.Rejected or QueryOutcome.Cancelled);
        }

        var pipeline = PipelineOf(step.Run);
        var (routes, index) = Routes(pipeline);
        IReadOnlyList<StageMessage> children;
        try
        {
            children = StageExpansion.Children(pipeline, transforms, routes, index, MessageOf(step.Ticket), reply, time.GetUtcNow());
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or TransformException)
        {
            return SentStages.None(QueryOutcomes.Code(QueryOutcome.Failed), e.Message);
        }

        return await SendAsync(pipeline, children, 1, cancellationToken);
    }

    /// <summary>Sends the joins for which all has come: to be asked when all that was sent has answered, until it sends none.</summary>
    public async Task<SentStages> JoinAsync(RunJoins step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        var pipeline = PipelineOf(step.Run);
        var (routes, index) = Routes(pipeline);
        var messages = new List<StageMessage>();
        try
        {
            var replies = await RepliesAsync(step.Answers, cancellationToken);
            var books = RunBooks.Of(pipeline, transforms, replies, await TensorsAsync(replies, cancellationToken));
            foreach (var join in books.Ready)
            {
                var message = StageExpansion.Join(pipeline, routes, index, MessageOf(step.Root), join, books.ForkOf(join), time.GetUtcNow());
                messages.Add(message with { Tensor = await Payloads.CheckAsync(message.Tensor!, InlineInputBytes, payloads, cancellationToken) });
            }
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or TransformException)
        {
            return SentStages.None(QueryOutcomes.Code(QueryOutcome.Failed), e.Message);
        }

        return await SendAsync(pipeline, messages, 1, cancellationToken);
    }

    /// <summary>Sends a stage again, to another variant where there is one.</summary>
    public async Task<SentStages> RetryAsync(StageStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        var pipeline = PipelineOf(step.Run);
        var (routes, index) = Routes(pipeline);
        var (message, attempt) = (MessageOf(step.Ticket), step.Ticket.Attempt + 1);
        var again = StageExpansion.Retry(pipeline, routes, index, message, time.GetUtcNow()) ?? message with { Enqueued = time.GetUtcNow() };
        return await SendAsync(pipeline, [again with { Round = message.Round + 1 }], attempt, cancellationToken);
    }

    /// <summary>Stores the end of a run, and deletes what only the run needed.</summary>
    /// <returns>The state that the run has now; another may have ended it before.</returns>
    public async Task<RunState> EndAsync(RunEnd end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(end);
        var replies = await RepliesAsync(end.Answers, cancellationToken);
        var fault = end.Fault;
        if (fault is null)
        {
            try
            {
                await state.EndRunAsync(end.Run.Id, RunState.Completed, await BodyAsync(end, replies, cancellationToken), time.GetUtcNow(), cancellationToken);
            }
            catch (FormatException e)
            {
                fault = new RunFault(QueryOutcomes.Code(QueryOutcome.Failed), e.Message);
            }
        }

        if (fault is not null)
        {
            var body = JsonAnswer.Text(json => ErrorAnswer.Write(json, fault.Code, fault.Error, null));
            await state.EndRunAsync(end.Run.Id, RunState.Failed, body, time.GetUtcNow(), cancellationToken);
        }

        string?[] tokens = [end.Run.Payload, end.Root is null ? null : MessageOf(end.Root).Input?.Token, .. end.Answers.Select(a => a.Token), .. replies.Select(r => r.Tensor?.Token)];
        foreach (var token in tokens.OfType<string>().Distinct(StringComparer.Ordinal))
            await payloads.DeleteAsync(token, cancellationToken);
        return (await state.FindRunAsync(end.Run.Id, cancellationToken))?.State ?? RunState.Cancelled;
    }

    /// <summary>The event that brings a reply to its run: its name, and what it carries.</summary>
    /// <exception cref="FormatException">The reply is of nothing that is known here.</exception>
    public async Task<(string Event, StageArrival Arrival)> ArrivalAsync(StageReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var pipeline = ModelNames.FindPipeline(engine, reply.Pipeline) ?? throw new FormatException($"Pipeline {reply.Pipeline} is not known here.");
        var name = RunEvents.Stage(pipeline, reply.Task, reply.Credit);
        var bytes = StageReplyCodec.Write(reply);
        return (name, bytes.Length <= StageArrival.InlineLimitBytes
            ? new StageArrival(Convert.ToBase64String(bytes), null)
            : new StageArrival(null, await payloads.PutAsync(bytes, cancellationToken)));
    }

    private async Task<string> BodyAsync(RunEnd end, List<StageReply> replies, CancellationToken cancellationToken)
    {
        var pipeline = PipelineOf(end.Run);
        var tensors = await TensorsAsync(replies, cancellationToken);
        var result = RunAnswers.Join(pipeline, transforms, end.Run.Id, replies, tensors, time.GetUtcNow() - end.Run.Created, MessageOf(end.Root!).PlanVersion);
        var body = await payloads.FindAsync(end.Run.Payload, cancellationToken) ?? throw new FormatException("The run's input is gone from the store.");
        var call = PipelineQuery.Read(pipeline, RunParameters.Read(end.Run.Parameters), PooledBytes.CopyOf(body), limits);
        call.Input.Dispose();
        return RunBody.Of(pipeline, call, result);
    }

    private async Task<SentStages> SendAsync(Pipeline pipeline, IReadOnlyList<StageMessage> messages, int attempt, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
            await sender.SendAsync(message.Key, message, cancellationToken);
        return new SentStages([.. messages.Select(m => new StageTicket(
            RunEvents.Stage(pipeline, m.Task, m.Credit), m.Task, m.Variant, Convert.ToBase64String(StageMessageCodec.Write(m)), attempt))]);
    }

    private async Task<List<StageReply>> RepliesAsync(IReadOnlyList<StageArrival> answers, CancellationToken cancellationToken)
    {
        var replies = new List<StageReply>(answers.Count);
        foreach (var answer in answers)
            replies.Add(await ReadAsync(answer, cancellationToken));
        return replies;
    }

    /// <summary>The raw row of each reply that has one.</summary>
    private async Task<float[]?[]> TensorsAsync(List<StageReply> replies, CancellationToken cancellationToken)
    {
        var tensors = new float[]?[replies.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (replies[i].Tensor is not { } tensor)
                continue;
            var bytes = await Payloads.BytesAsync(tensor, payloads, cancellationToken) ?? throw new FormatException("A stage's tensor is gone from the store.");
            tensors[i] = Payloads.FloatsOf(bytes);
        }

        return tensors;
    }

    private async Task<StagePayload> Detached(StagePayload payload, CancellationToken cancellationToken) => payload.Bytes.Length <= InlineInputBytes
        ? payload with { Bytes = payload.Bytes.ToArray() }
        : await Payloads.CheckAsync(payload, 0, payloads, cancellationToken);

    private async Task<StageReply> ReadAsync(StageArrival arrival, CancellationToken cancellationToken) => StageReplyCodec.Read(
        arrival.Reply is { } inline ? Convert.FromBase64String(inline)
        : await payloads.FindAsync(arrival.Token!, cancellationToken) ?? throw new FormatException("A stage's answer is gone from the store."));

    private static StageMessage MessageOf(StageTicket ticket) => StageMessageCodec.Read(Convert.FromBase64String(ticket.Message));

    private Pipeline PipelineOf(RunStart run) =>
        ModelNames.FindPipeline(engine, run.Pipeline) ?? throw new InvalidOperationException($"This app no longer serves a pipeline '{run.Pipeline}'.");

    private (RoutingTable Table, int Index) Routes(Pipeline pipeline)
    {
        if (engine.Plan is not { } plan || engine.Problem is not { } problem)
            throw new InvalidOperationException("There is no plan yet: the first one is being made.");
        return (RoutingTable.Build(problem, plan), engine.Pipelines.Select(p => p.Pipeline.Name).ToList().IndexOf(pipeline.Name));
    }
}

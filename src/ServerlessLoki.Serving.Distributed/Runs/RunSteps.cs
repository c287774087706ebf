using System.Text.Json;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Routing;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Steps of an orchestrated run. Each may run twice (a host died before the step was recorded): it then sends the same messages,
/// whose replies are equal, and ends the run once.</summary>
/// <param name="engine">Engine with the pipelines and the published plan.</param>
/// <param name="demand">Receives the demand of runs that wait.</param>
/// <param name="state">Store of runs.</param>
/// <param name="payloads">Store of inputs, and of answers too large for an event.</param>
/// <param name="sender">Sends messages to stage queues.</param>
/// <param name="transforms">Stage transforms by name.</param>
/// <param name="limits">Limits of requests.</param>
/// <param name="time">Clock.</param>
/// <param name="budget">Memory budget that runs share with requests; null = not limited.</param>
public sealed partial class RunSteps(
    IServingEngine engine, IRunDemand demand, IStateStore state, IPayloadStore payloads, IStageSender sender, TransformRegistry transforms, InferLimits limits, TimeProvider time,
    ByteBudget? budget = null)
{
    /// <summary>Name of the inbox that all runs share.</summary>
    public const string ReplyTo = "stage-results";

    private const int InlineInputBytes = 4 << 10;
    private readonly RunPayloads _stored = new(state, payloads);
    private readonly RunRoutes _routes = new(engine);
    private readonly StoredReplies _replies = new(payloads);

    /// <summary>Tolerance of accuracy comparisons: accuracies are products of decimals, and a bound must not fail by rounding.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Sends the root stage.</summary>
    /// <exception cref="InvalidOperationException">No worker can serve it at present, for example because there is no plan yet: try
    /// again.</exception>
    public async Task<SentStages> BeginAsync(RunStart run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (engine.Find(run.Pipeline)?.Pipeline is not { } pipeline)
            return SentStages.None("not_found", $"This app no longer serves a pipeline '{run.Pipeline}'.");
        using var share = await TakeAsync(run, cancellationToken);
        if (await payloads.FindAsync(run.Payload, cancellationToken) is not { } body)
            return SentStages.None("failed", "The run's input is gone from the store.");
        var headers = RunParameters.Read(run.Parameters);
        PipelineCall call;
        try
        {
            call = PipelineQuery.Read(pipeline, headers, PooledBytes.Of(body), limits);
        }
        catch (ApiFaultException e)
        {
            return SentStages.None(e.Code, e.Message);
        }

        using (call.Input)
        {
            var deadline = run.Created + call.Parameters.Latency;
            if (deadline <= time.GetUtcNow())
                return Expired("The run's own deadline passed before it could be served.");
            var minAccuracy = call.Parameters.MinAccuracy ?? 0;
            var possible = PipelineAccuracy.Best(pipeline);
            if (minAccuracy > possible + Tolerance)
                return SentStages.None(QueryOutcomes.Code(QueryOutcome.Invalid), $"min_accuracy is {minAccuracy:0.####}, but with the most accurate variants every branch reaches {possible:0.####}.");
            // Said before it is known whether anybody can serve it: where nothing runs, this is what workers are started for.
            demand.Waits(pipeline.Name);
            var stored = new StagePayload { Kind = StagePayloadKind.Picture, Token = run.Payload };
            var root = engine.Plan is null ? null : RootOf(stored);
            if (root is null)
            {
                var cause = engine.Plan is null ? "There is no plan yet: the first one is being made." : "No variant that is deployed at present may serve it.";
                return time.GetUtcNow() < run.Due ? throw new InvalidOperationException(cause) : Expired($"The run could not begin within its time. {cause}");
            }

            root = root with { WantsProbabilities = call.WantsProbabilities };
            if (headers.Form != BodyForm.Picture)
                root = root with { Input = await DetachedAsync(run, Payloads.Of(call.Input), cancellationToken) };
            root = root with { Arguments = Payloads.OfArguments(call.Arguments) };
            return await SendAsync(pipeline, [root], 1, cancellationToken) with
            {
                HasJoins = pipeline.Tasks.Any(t => t.IsJoin),
                Due = deadline < run.Due ? deadline : run.Due,
            };

            StageMessage? RootOf(StagePayload input)
            {
                var (routes, index) = _routes.Of(pipeline);
                return StageExpansion.Root(pipeline, routes, index, run.Id, ReplyTo, input, run.Created, deadline, minAccuracy);
            }
        }
    }

    /// <summary>Sends the children of an answer. A failed stage has none, and its fault is returned.</summary>
    /// <exception cref="InvalidOperationException">No worker can serve them at present: try again.</exception>
    public async Task<SentStages> ExpandAsync(StageStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        try
        {
            var (reply, message) = (await _replies.ReadAsync(step.Arrival!, cancellationToken), MessageOf(step.Ticket));
            if (reply.Failure is { } failure)
            {
                // Told by several, or told again: the attempt that failed is over already.
                if (reply.Round < message.Round)
                    return SentStages.Late;
                return SentStages.None(
                    QueryOutcomes.Code(failure.Outcome), failure.Error,
                    failure.Outcome is QueryOutcome.Failed or QueryOutcome.Unavailable or QueryOutcome.Rejected or QueryOutcome.Cancelled);
            }

            var pipeline = PipelineOf(step.Run);
            if (pipeline.FindTask(reply.Task) is { } ran && message.MinAccuracy > (reply.Accuracy * _routes.BestBelow(pipeline)[ran.Index]) + Tolerance)
                return SentStages.None(QueryOutcomes.Code(QueryOutcome.Unavailable), $"No variants below {reply.Variant} reach min_accuracy {message.MinAccuracy:0.####}.");
            var (routes, index) = _routes.Of(pipeline);
            var children = StageExpansion.Children(pipeline, transforms, routes, index, message, reply, time.GetUtcNow());
            demand.Answered(reply);
            // One for all of them: each is in its ticket, and those are in the history.
            if (children.Count > 0 && reply.Tensor is not null && await DetachedAsync(step.Run, reply.Tensor, cancellationToken) is var tensor)
                children = [.. children.Select(c => c with { Tensor = tensor })];
            return await SendAsync(pipeline, children, 1, cancellationToken);
        }
        catch (Exception e) when (e is FormatException or TransformException)
        {
            return SentStages.None(QueryOutcomes.Code(QueryOutcome.Failed), e.Message);
        }
        catch (InvalidOperationException)
        {
            demand.Waits(step.Run.Pipeline);
            throw;
        }
    }

    /// <summary>Sends the joins for which everything has arrived. Call it when every stage that was sent has answered, until it sends
    /// none.</summary>
    /// <exception cref="InvalidOperationException">No worker can serve them at present: try again.</exception>
    public async Task<SentStages> JoinAsync(RunJoins step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        try
        {
            var pipeline = PipelineOf(step.Run);
            var (routes, index) = _routes.Of(pipeline);
            var messages = new List<StageMessage>();
            var replies = await _replies.RepliesAsync(step.Answers, step.Stored, cancellationToken);
            var books = RunBooks.Of(pipeline, transforms, replies, await _replies.TensorsAsync(replies, cancellationToken));
            foreach (var join in books.Ready)
            {
                var message = StageExpansion.Join(pipeline, routes, index, MessageOf(step.Root), join, books.ForkOf(join), time.GetUtcNow());
                messages.Add(message with { Tensor = await DetachedAsync(step.Run, message.Tensor!, cancellationToken) });
            }

            return await SendAsync(pipeline, messages, 1, cancellationToken);
        }
        catch (Exception e) when (e is FormatException or TransformException || (e is InvalidOperationException && MessageOf(step.Root).MinAccuracy > 0))
        {
            // A branch may have gone to variants that no join makes up for.
            return SentStages.None(QueryOutcomes.Code(QueryOutcome.Failed), e.Message);
        }
    }

    /// <summary>Sends a failed stage again, to another variant where there is one. A stage that has only not answered yet stays in its
    /// queue, since two messages would double the work; only where its variant left the plan is another one used, which does not count as
    /// an attempt.</summary>
    /// <returns>Stage to wait for now: the same ticket if nothing was sent.</returns>
    public async Task<SentStages> RetryAsync(StageStep step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        try
        {
            var pipeline = PipelineOf(step.Run);
            var (message, hasFailed) = (MessageOf(step.Ticket), step.Arrival is not null);
            // Of all the stages that a run waits for, at most one begins at 0: the run is demand once, not once for each.
            if (!hasFailed && message.Credit.Start == UInt128.Zero)
                demand.Waits(pipeline.Name);
            if (!hasFailed && (engine.Plan is null || IsPlanned(pipeline, message)))
                return new SentStages([step.Ticket]);
            var (routes, index) = _routes.Of(pipeline);
            var other = StageExpansion.Retry(pipeline, routes, index, message, time.GetUtcNow());
            if (!hasFailed && other is null)
                return new SentStages([step.Ticket]);
            var again = (other ?? message with { Enqueued = time.GetUtcNow() }) with { Round = message.Round + 1 };
            return await SendAsync(pipeline, [again], step.Ticket.Attempt + (hasFailed ? 1 : 0), cancellationToken);
        }
        catch (FormatException e)
        {
            return SentStages.None(QueryOutcomes.Code(QueryOutcome.Failed), e.Message);
        }
    }

    /// <summary>Stores answers, which the next steps read by the token, since the orchestration service accepts inputs of at most a
    /// megabyte.</summary>
    public async Task<string> StoreAsync(RunAnswersToStore step, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(step);
        return await _stored.PutAsync(step.Run.Id, step.Run.Created, JsonSerializer.SerializeToUtf8Bytes(step.Answers), cancellationToken);
    }

    /// <summary>Maps a reply to the external event of its run: its name and content. Returns null if the run has ended; a stored payload of
    /// the reply is then deleted.</summary>
    /// <exception cref="FormatException">The reply names something that this process does not know.</exception>
    public async Task<(string Event, StageArrival Arrival)?> ArrivalAsync(StageReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var pipeline = engine.Find(reply.Pipeline)?.Pipeline ?? throw new FormatException($"Pipeline {reply.Pipeline} is not known here.");
        var name = RunEvents.Stage(pipeline, reply.Task, reply.Credit);
        var bytes = StageReplyCodec.Write(reply);
        var arrival = bytes.Length <= StageArrival.InlineLimitBytes
            ? new StageArrival(Convert.ToBase64String(bytes), null)
            : new StageArrival(null, await _stored.PutAsync(reply.QueryId, time.GetUtcNow(), bytes, cancellationToken));
        if (arrival.Token is null && reply.Tensor?.Token is null)
            return (name, arrival);
        // Looked up after it was noted: either the run's end finds it, or this finds that the run has ended.
        if (await state.FindRunAsync(reply.QueryId, cancellationToken) is { State: RunState.Accepted })
            return (name, arrival);
        await _stored.DeleteAsync(reply.QueryId, cancellationToken);
        return null;
    }

    /// <summary>Waits for the memory that a run's input takes, before the input is loaded.</summary>
    private async ValueTask<ByteBudget.Share?> TakeAsync(RunStart run, CancellationToken cancellationToken) =>
        budget is null ? null : await budget.TakeAsync(RunParameters.MostBytes(run.Parameters), cancellationToken);

    private async Task<SentStages> SendAsync(Pipeline pipeline, IReadOnlyList<StageMessage> messages, int attempt, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
            await sender.SendAsync(message.Key, message, cancellationToken);
        return new SentStages([.. messages.Select(m => new StageTicket(
            RunEvents.Stage(pipeline, m.Task, m.Credit), m.Task, m.Variant, Convert.ToBase64String(StageMessageCodec.Write(m)), attempt))]);
    }

    private async Task<StagePayload> DetachedAsync(RunStart run, StagePayload payload, CancellationToken cancellationToken) =>
        payload.Token is null && payload.Bytes.Length <= InlineInputBytes
            ? payload with { Bytes = payload.Bytes.ToArray() }
            : await Payloads.CheckAsync(payload, 0, _stored, run.Id, run.Created, cancellationToken);

    private bool IsPlanned(Pipeline pipeline, StageMessage message)
    {
        var (routes, index) = _routes.Of(pipeline);
        return pipeline.FindTask(message.Task) is { } task && task.Variants.FirstOrDefault(v => v.Name == message.Variant) is { } variant
            && routes.Option(index, task.Index, variant.Index) is not null;
    }

    private static SentStages Expired(string error) => SentStages.None(QueryOutcomes.Code(QueryOutcome.Expired), error);

    private static StageMessage MessageOf(StageTicket ticket) => StageMessageCodec.Read(Convert.FromBase64String(ticket.Message));

    private Pipeline PipelineOf(RunStart run) =>
        engine.Find(run.Pipeline)?.Pipeline ?? throw new FormatException($"This app no longer serves a pipeline '{run.Pipeline}'.");
}

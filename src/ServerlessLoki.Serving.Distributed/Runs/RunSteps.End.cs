using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Runs;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <content>How a run ends.</content>
public sealed partial class RunSteps
{
    /// <summary>Stores the end of a run, and deletes the data that only the run needed. A second call only deletes, since the data of the
    /// result are gone by then.</summary>
    /// <returns>Current state of the run; another step may have ended it before.</returns>
    public async Task<RunState> EndAsync(RunEnd end, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(end);
        if (await state.FindRunAsync(end.Run.Id, cancellationToken) is { State: RunState.Accepted })
            await StoreEndAsync(end, cancellationToken);
        await ForgetAsync(end.Run.Id, end.Run.Payload, cancellationToken);
        return (await state.FindRunAsync(end.Run.Id, cancellationToken))?.State ?? RunState.Cancelled;
    }

    /// <summary>Deletes the payloads of a run that has ended: its input, and all that were stored for its stages.</summary>
    public async Task ForgetAsync(string run, string input, CancellationToken cancellationToken)
    {
        await payloads.DeleteAsync(input, cancellationToken);
        await _stored.DeleteAsync(run, cancellationToken);
    }

    private async Task StoreEndAsync(RunEnd end, CancellationToken cancellationToken)
    {
        var (fault, ran) = (end.Fault, time.GetUtcNow() - end.Run.Created);
        try
        {
            if (fault is null)
            {
                var (body, accuracy) = await BodyAsync(end, ran, cancellationToken);
                if (await state.EndRunAsync(end.Run.Id, RunState.Completed, body, time.GetUtcNow(), cancellationToken))
                    Count(end.Run, QueryOutcome.Completed, ran, accuracy);
                return;
            }
        }
        catch (FormatException e)
        {
            fault = new RunFault(QueryOutcomes.Code(QueryOutcome.Failed), e.Message);
        }

        var error = AnswerJson.Text(json => ErrorJson.Write(json, fault.Code, fault.Error, null));
        if (await state.EndRunAsync(end.Run.Id, RunState.Failed, error, time.GetUtcNow(), cancellationToken))
            Count(end.Run, fault.Code == QueryOutcomes.Code(QueryOutcome.Expired) ? QueryOutcome.Expired : QueryOutcome.Failed, ran, 0);
    }

    /// <summary>Counts the end of a run. Runs are not bound by their pipeline's SLO, so their times say nothing about overload.</summary>
    private void Count(RunStart run, QueryOutcome outcome, TimeSpan ran, double accuracy) =>
        engine.Metrics.Pipelines.FirstOrDefault(m => m.Pipeline == run.Pipeline)?.Ended(outcome, new QueryTimes((long)ran.TotalMicroseconds, null, null), accuracy);

    private async Task<(string Body, double Accuracy)> BodyAsync(RunEnd end, TimeSpan ran, CancellationToken cancellationToken)
    {
        var pipeline = PipelineOf(end.Run);
        var replies = await _replies.RepliesAsync(end.Answers, end.Stored, cancellationToken);
        var tensors = await _replies.TensorsAsync(replies, cancellationToken);
        var result = RunAnswers.Join(pipeline, transforms, end.Run.Id, replies, tensors, ran, MessageOf(end.Root!).PlanVersion);
        using var share = await TakeAsync(end.Run, cancellationToken);
        var body = await payloads.FindAsync(end.Run.Payload, cancellationToken) ?? throw new FormatException("The run's input is gone from the store.");
        var call = PipelineQuery.Read(pipeline, RunParameters.Read(end.Run.Parameters), PooledBytes.Of(body), limits);
        call.Input.Dispose();
        return (RunBody.Of(pipeline, call, result), result.Accuracy);
    }
}

using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Runs;

/// <content>What happens to a run between acceptance and end.</content>
public sealed partial class RunService
{
    private async Task WorkAsync()
    {
        var stop = _stop.Token;
        try
        {
            await foreach (var item in _ready.Reader.ReadAllAsync(stop))
            {
                // Before the first plan every query would be refused: waiting costs nothing then.
                while (!_engine.IsReady)
                    await Task.Delay(TimeSpan.FromMilliseconds(20), _time, stop);
                await TryAsync(item, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task TryAsync(RunItem item, CancellationToken stop)
    {
        if (item.Begin(stop) is not { } attempt)
            return;
        using var limit = new CancellationTokenSource(_options.Attempt ?? Timeout.InfiniteTimeSpan, _time);
        using var lost = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, limit.Token, lost.Token);
        try
        {
            await using var lease = await HoldAsync(item, lost, either.Token);
            if (lease is not null)
                await ExecuteAsync(item, either.Token);
        }
        catch (OperationCanceledException) when (attempt.IsCancellationRequested)
        {
            // Cancelled by its caller: the store knows. Stopped: the next start takes it up.
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            // Another process has taken it up.
            _items.TryRemove(item.Run.Id, out _);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            LogNoAnswer(_logger, item.Run.Id, _options.Attempt!.Value);
            Again(item, null);
        }
        catch (StoreUnavailableException)
        {
            // Said once for all runs, see KeepAsync. The run is accepted, so it is not given up.
            Again(item, null);
        }
        catch (Exception e)
        {
            LogAttemptFailed(_logger, item.Run.Id, e);
            Again(item, null);
        }
        finally
        {
            item.Finish();
        }
    }

    private async Task ExecuteAsync(RunItem item, CancellationToken cancellationToken)
    {
        var run = item.Run;
        if (_engine.Find(run.Pipeline)?.Pipeline is not { } pipeline)
        {
            await FailAsync(item, "not_found", $"This host no longer serves a pipeline '{run.Pipeline}'.", cancellationToken);
            return;
        }

        // Waiting for memory is no attempt: nothing has gone wrong.
        using var share = await _budget.TakeAsync(Math.Max(RunParameters.MostBytes(run.Parameters), item.HeldBytes), cancellationToken);
        if (await _payloads.FindAsync(run.Payload, cancellationToken) is not { } payload)
        {
            await FailAsync(item, "failed", "The run's input is gone from the store.", cancellationToken);
            return;
        }

        PipelineCall call;
        try
        {
            call = PipelineQuery.Read(pipeline, RunParameters.Read(run.Parameters), PooledBytes.Of(payload), _limits);
        }
        catch (ApiFaultException e)
        {
            await FailAsync(item, e.Code, e.Message, cancellationToken);
            return;
        }

        if (!TryHold(item, share, call))
            return;
        var waited = _time.GetUtcNow() - run.Created;
        if (call.Parameters.Latency <= waited)
        {
            call.Input.Dispose();
            await FailAsync(item, QueryOutcomes.Code(QueryOutcome.Expired), "The run's own deadline passed before it could be served.", cancellationToken);
            return;
        }

        var result = await _engine.SubmitAsync(
            new QueryRequest
            {
                Pipeline = run.Pipeline,
                Input = call.Input,
                Arguments = call.Arguments,
                Id = call.Id,
                Latency = call.Parameters.Latency,
                Waited = waited,
                MinAccuracy = call.Parameters.MinAccuracy,
                WantsProbabilities = call.WantsProbabilities,
                IgnoreSlo = true,
                IsRetry = item.Retries > 0,
            },
            cancellationToken);
        await SettleAsync(item, pipeline, call, result, cancellationToken);
    }

    /// <summary>Charges the run's memory to the budget. Where there is no room, the run waits, since it was accepted.</summary>
    private bool TryHold(RunItem item, ByteBudget.Share share, PipelineCall call)
    {
        try
        {
            share.Resize(call.Held);
            call.Input.Charge = share.Move();
            return true;
        }
        catch (ApiFaultException full)
        {
            call.Input.Dispose();
            item.HeldBytes = call.Held;
            Again(item, full.RetryAfter);
            return false;
        }
    }

    private async Task SettleAsync(
        RunItem item, Pipelines.Pipeline pipeline, PipelineCall call, QueryResult result, CancellationToken cancellationToken)
    {
        switch (result.Outcome)
        {
            case QueryOutcome.Completed:
                await EndAsync(item, RunState.Completed, RunBody.Of(pipeline, call, result), cancellationToken);
                break;
            case QueryOutcome.Rejected or QueryOutcome.Unavailable:
                Again(item, result.RetryAfter);
                break;
            case QueryOutcome.Failed when ++item.Failures < _options.MaxAttempts:
                Again(item, null);
                break;
            case QueryOutcome.Expired when call.Parameters.Latency is null && ++item.Failures < _options.MaxAttempts:
                Again(item, null);
                break;
            case QueryOutcome.Cancelled:
                cancellationToken.ThrowIfCancellationRequested();
                Again(item, null);
                break;
            default:
                await FailAsync(item, QueryOutcomes.Code(result.Outcome), result.Error ?? "The run was not served.", cancellationToken);
                break;
        }
    }

    private Task FailAsync(RunItem item, string code, string error, CancellationToken cancellationToken) =>
        EndAsync(item, RunState.Failed, AnswerJson.Text(json => ErrorJson.Write(json, code, error, null)), cancellationToken);

    private async Task EndAsync(RunItem item, RunState state, string body, CancellationToken cancellationToken)
    {
        if (!await _state.EndRunAsync(item.Run.Id, state, body, _time.GetUtcNow(), cancellationToken))
            LogEndedBefore(_logger, item.Run.Id);
        _items.TryRemove(item.Run.Id, out _);
        await ForgetPayloadAsync(item.Run);
    }

    /// <summary>Deletes the input of a run that has ended. The run must not be executed again even if that fails.</summary>
    private async Task ForgetPayloadAsync(RunRecord run)
    {
        try
        {
            await _payloads.DeleteAsync(run.Payload, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogPayloadKept(_logger, run.Id, e);
        }
    }

    /// <summary>Puts a run back after a wait that doubles, without holding a worker.</summary>
    private void Again(RunItem item, TimeSpan? hint)
    {
        var factor = Math.Pow(2, Math.Min(item.Retries, 20)) * (0.75 + (0.5 * Jitter.Of(item.Run.Id, item.Retries)));
        item.Retries++;
        var wait = TimeSpan.FromMilliseconds(Math.Min(
            Math.Max(_options.FirstBackOff.TotalMilliseconds * factor, hint?.TotalMilliseconds ?? 0), _options.MaxBackOff.TotalMilliseconds));
        _ = LaterAsync(item, wait);
    }

    private async Task LaterAsync(RunItem item, TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _time, _stop.Token);
            _ready.Writer.TryWrite(item);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Stopping: the store still has it.
        }
    }
}

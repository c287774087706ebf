using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Http;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>Runs as orchestrations: the record and its input are stored first, then the orchestration of the same id is started.</summary>
/// <remarks>If the host dies in between, <see cref="Timers.Housekeeping"/> starts the orchestration.</remarks>
public sealed partial class OrchestratedRuns(
    DurableTaskClient client, IStateStore store, IRunIntake intake, LokiApiContext api, FunctionSettings settings, RunBacklog backlog,
    Func<CancellationToken, Task<RunSteps>> steps, TimeProvider time, ILogger<OrchestratedRuns> logger) : IRuns
{
    private const int Attempts = 3;
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan[] s_pauses = [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    /// <summary>Makes the runs over a trigger's client.</summary>
    public delegate OrchestratedRuns Factory(DurableTaskClient client);

    /// <inheritdoc />
    public int Backlog => backlog.Count;

    /// <inheritdoc />
    public async ValueTask<RunRecord> AcceptAsync(Pipeline pipeline, InferHeaders headers, PooledBytes body, CancellationToken cancellationToken)
    {
        using (body)
        {
            await backlog.EnterAsync(cancellationToken);
            var run = RunDraft.Of(pipeline, headers, body, api.Limits, time.GetUtcNow());
            var stored = await intake.AcceptAsync(run, body.Memory, cancellationToken)
                ?? throw new ApiFaultException(503, "unavailable", "The id that was drawn is taken: try again.", TimeSpan.FromSeconds(1));
            try
            {
                await StartSurelyAsync(stored, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // It is stored, so it will run: to say that it failed would be to have it sent twice.
                LogNotStarted(logger, stored.Id, e);
            }

            return stored;
        }
    }

    /// <summary>Starts the orchestration of an accepted run.</summary>
    public async Task StartAsync(RunRecord run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(PipelineRun.RunPipeline), StartOf(run, settings), new StartOrchestrationOptions(run.Id), cancellationToken);
    }

    /// <summary>Starts the orchestration with a few quick retries, since housekeeping would retry only minutes later.</summary>
    private async Task StartSurelyAsync(RunRecord run, CancellationToken cancellationToken)
    {
        for (var retries = 0; ; retries++)
        {
            try
            {
                // A try that failed may have started it all the same.
                if (retries == 0 || await client.GetInstanceAsync(run.Id, cancellationToken) is null)
                    await StartAsync(run, cancellationToken);
                return;
            }
            catch (Exception) when (retries < s_pauses.Length && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(s_pauses[retries], time, cancellationToken);
            }
        }
    }

    internal static RunStart StartOf(RunRecord run, FunctionSettings settings) =>
        new(run.Id, run.Pipeline, run.Payload, run.Parameters, run.Created, settings.StageTimeout, Attempts, settings.RunLimit);

    /// <inheritdoc />
    public ValueTask<RunRecord?> FindAsync(string id, CancellationToken cancellationToken) => store.FindRunAsync(id, cancellationToken);

    /// <inheritdoc />
    public ValueTask<RunPage> ListAsync(int size, string? after, RunState? state, CancellationToken cancellationToken) =>
        store.ListRunsAsync(size, after, state, cancellationToken);

    /// <inheritdoc />
    public async ValueTask<bool> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (!await store.EndRunAsync(id, RunState.Cancelled, RunDraft.Cancelled, time.GetUtcNow(), cancellationToken))
            return false;
        try
        {
            await client.RaiseEventAsync(id, RunEvents.Cancel, cancellation: cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The record decides; an orchestration that goes on finds the run ended.
            LogNotTold(logger, id, e);
        }

        return true;
    }

    /// <inheritdoc />
    public async ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if (await store.FindRunAsync(id, cancellationToken) is not { } run || !await store.DeleteRunAsync(id, cancellationToken))
            return false;
        await PurgeAsync(id, cancellationToken);
        // Its orchestration may have been stopped before it cleared up.
        await (await steps(cancellationToken)).ForgetAsync(id, run.Payload, cancellationToken);
        return true;
    }

    /// <summary>Purges an orchestration. It may run on a little right after its cancellation, and only ended ones can be purged.</summary>
    private async Task PurgeAsync(string id, CancellationToken cancellationToken)
    {
        if (await client.GetInstanceAsync(id, cancellationToken) is not { } instance)
            return;
        if (!instance.IsCompleted)
        {
            await client.TerminateInstanceAsync(id, cancellationToken);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(EndWithin);
            try
            {
                await client.WaitForInstanceCompletionAsync(id, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotPurged(logger, id);
                return;
            }
        }

        await client.PurgeInstanceAsync(id, cancellationToken);
    }

    [LoggerMessage(6012, LogLevel.Warning, "Run {Run} is accepted, but its orchestration could not be started; housekeeping starts it")]
    private static partial void LogNotStarted(ILogger logger, string run, Exception exception);

    [LoggerMessage(6011, LogLevel.Warning, "Run {Run} is deleted, but its orchestration does not end, so its history stays")]
    private static partial void LogNotPurged(ILogger logger, string run);

    [LoggerMessage(6010, LogLevel.Information, "Run {Run} is cancelled, but its orchestration could not be told")]
    private static partial void LogNotTold(ILogger logger, string run, Exception exception);
}

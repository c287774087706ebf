using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Functions.Durable;
using ServerlessLoki.Functions.Setup;
using ServerlessLoki.Serving.Distributed.Runs;
using ServerlessLoki.Serving.Distributed.State;

namespace ServerlessLoki.Functions.Timers;

/// <summary>Timer that cleans up after hosts and workers that died.</summary>
public sealed partial class Housekeeping(AzurePorts ports, Brain brain, OrchestratedRuns.Factory runs, FunctionSettings settings, TimeProvider time, ILogger<Housekeeping> logger)
{
    /// <summary>Time within which a host that accepted a run starts its orchestration.</summary>
    private static readonly TimeSpan StartWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PayloadAge = TimeSpan.FromDays(2);
    private static readonly TimeSpan LeaseAge = TimeSpan.FromHours(1);

    /// <summary>Removes expired leases, forgotten payloads, queues of variants that left the plan and old signals of demand, and starts
    /// runs whose orchestration is missing.</summary>
    [Function("Housekeeping")]
    public async Task Clean([TimerTrigger("30 */5 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(client);
        var now = time.GetUtcNow();
        var leases = await ports.State.DeleteExpiredLeasesAsync(now - LeaseAge, cancellationToken);
        var payloads = await ports.Payloads.DeleteOlderAsync(now - PayloadAge, cancellationToken);
        LogCleaned(logger, leases, payloads);
        foreach (var run in await ports.State.UnfinishedRunsAsync(cancellationToken))
        {
            if (now - run.Created < StartWithin)
                continue;
            var instance = await client.GetInstanceAsync(run.Id, cancellationToken);
            if (instance is null)
            {
                LogStarted(logger, run.Id);
                await runs(client).StartAsync(run, cancellationToken);
            }
            else if (instance.IsCompleted)
            {
                // Its orchestration broke, for example by a change of its code under way.
                var cause = instance.FailureDetails?.ErrorMessage ?? $"The orchestration ended as {instance.RuntimeStatus}.";
                LogBroken(logger, run.Id, cause);
                await (await brain.StepsAsync(cancellationToken)).EndAsync(new RunEnd(OrchestratedRuns.StartOf(run, settings), null, [], new RunFault("failed", cause)), cancellationToken);
            }
        }

        await RetireQueuesAsync(cancellationToken);
        // Last: runs and queues do not wait for a queue of signals that is away.
        if (!settings.IsLocalFleet)
            await Task.WhenAll(settings.Fleet.Select(f => ports.Demand.ClearAsync(f.Device, cancellationToken)));
    }

    /// <summary>Deletes unused queues. The planner does not do this: a queue is watched for a while after its variant left, and must be
    /// unused for another while after that.</summary>
    private async Task RetireQueuesAsync(CancellationToken cancellationToken)
    {
        if (await ports.State.FindDocumentAsync(PlanDocument.Name, cancellationToken) is not { } stored)
            return;
        try
        {
            await ports.Keeper.RetireAsync(PlanDocument.Parse(stored).Queues(), cancellationToken);
        }
        catch (FormatException exception)
        {
            LogOtherRelease(logger, exception.Message);
        }
    }

    [LoggerMessage(6040, LogLevel.Information, "Housekeeping deleted {Leases} leases and {Payloads} payloads")]
    private static partial void LogCleaned(ILogger logger, int leases, int payloads);

    [LoggerMessage(6041, LogLevel.Warning, "Run {Run} was accepted but never started; it starts now")]
    private static partial void LogStarted(ILogger logger, string run);

    [LoggerMessage(6043, LogLevel.Information, "Queues are not retired: {Why}")]
    private static partial void LogOtherRelease(ILogger logger, string why);

    [LoggerMessage(6042, LogLevel.Warning, "The orchestration of run {Run} broke: {Cause}")]
    private static partial void LogBroken(ILogger logger, string run, string cause);
}

using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Azure.Setup;
using ServerlessLoki.Serving.Distributed.Runs;

namespace ServerlessLoki.Functions.Durable;

/// <summary>Trigger that brings workers' answers to the orchestrations that wait for them.</summary>
public sealed partial class StageResults(Func<CancellationToken, Task<RunSteps>> steps, AzurePorts ports, ILogger<StageResults> logger)
{
    /// <summary>Handles one answer. A message that is no answer becomes a dead letter with the reason.</summary>
    [Function("StageResults")]
    public async Task Receive(
        [ServiceBusTrigger(RunSteps.ReplyTo, Connection = "ServiceBus", AutoCompleteMessages = false)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(actions);
        ArgumentNullException.ThrowIfNull(client);
        string? run = null;
        try
        {
            var reply = await ports.Replies.ReadAsync(message, cancellationToken);
            run = reply.QueryId;
            if (await (await steps(cancellationToken)).ArrivalAsync(reply, cancellationToken) is var (name, arrival))
                await client.RaiseEventAsync(run, name, arrival, cancellationToken);
        }
        catch (FormatException e)
        {
            await actions.DeadLetterMessageAsync(message, null, "poison", e.Message, cancellationToken);
            return;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && run is not null)
        {
            // To tell a late answer from a fault that passes: the one is done with, the other comes again.
            if (await client.GetInstanceAsync(run, cancellationToken) is { IsCompleted: false })
                throw;
            LogLate(logger, run, e.Message);
        }

        await actions.CompleteMessageAsync(message, cancellationToken);
    }

    [LoggerMessage(6020, LogLevel.Debug, "An answer came after run {Run} had ended: {Cause}")]
    private static partial void LogLate(ILogger logger, string run, string cause);
}

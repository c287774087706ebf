using global::Azure.Messaging.ServiceBus;
using global::Azure.Messaging.ServiceBus.Administration;
using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Creation of missing queues. Thread-safe.</summary>
internal sealed class QueueMaker(ServiceBusConnection connection, ServiceBusOptions options, ILogger<QueueMaker> logger)
{
    private readonly ServiceBusOptions _options = options.Checked();

    /// <summary>Creates a queue of the kind that its name implies. False where this identity may not create queues.</summary>
    public async Task<bool> TryMakeAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            await connection.Management.RunAsync("queue.create", stop => connection.Administration.CreateQueueAsync(SettingsOf(queue), stop), cancellationToken);
            logger.QueueMade(queue);
            return true;
        }
        catch (ServiceBusException exception) when (exception.Reason == ServiceBusFailureReason.MessagingEntityAlreadyExists)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            logger.MayNotMake(queue);
            return false;
        }
    }

    private CreateQueueOptions SettingsOf(string queue)
    {
        var isReplies = queue.StartsWith(StageQueueNames.ReplyPrefix, StringComparison.Ordinal);
        return new CreateQueueOptions(queue)
        {
            LockDuration = _options.LockDuration,
            MaxDeliveryCount = _options.MaxDeliveryCount,
            // The waiting ingress counts each reply of an express query once; duplicate detection spares the reader of durable results a second start.
            RequiresDuplicateDetection = !isReplies,
            DuplicateDetectionHistoryTimeWindow = _options.DuplicateWindow,
            // An express query that is late has been answered by its ingress: what is left of it is worth nothing.
            DeadLetteringOnMessageExpiration = false,
            // Housekeeping retires stage queues; the service itself would take dead letters with them, which stay for people.
            AutoDeleteOnIdle = isReplies ? _options.ReplyLife : TimeSpan.MaxValue,
        };
    }
}

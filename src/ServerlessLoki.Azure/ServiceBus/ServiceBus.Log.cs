using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Log messages of the Service Bus ports; ids 4100–4199.</summary>
internal static partial class ServiceBusLog
{
    [LoggerMessage(4100, LogLevel.Warning, "Receiving from {Queue} failed; tried again after a pause")]
    public static partial void ReceiveFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(4101, LogLevel.Error, "Message {MessageId} of {Queue} is put aside as a dead letter: {Reason}")]
    public static partial void Poisoned(this ILogger logger, string messageId, string queue, string reason);

    [LoggerMessage(4102, LogLevel.Warning, "The lock of message {MessageId} of {Queue} was lost: it will be served again, and counted once")]
    public static partial void LockLost(this ILogger logger, string messageId, string queue);

    [LoggerMessage(4103, LogLevel.Warning, "The payload of message {MessageId} of {Queue} could not be fetched; tried again after a pause")]
    public static partial void FetchFailed(this ILogger logger, Exception exception, string messageId, string queue);

    [LoggerMessage(4104, LogLevel.Warning, "Message {MessageId} of {Queue} could not be given back: it comes again when its lock expires")]
    public static partial void AbandonFailed(this ILogger logger, Exception exception, string messageId, string queue);

    [LoggerMessage(4105, LogLevel.Warning, "The locks of {Queue} could not be renewed; tried again")]
    public static partial void RenewFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(4106, LogLevel.Error, "Message {MessageId} of {Queue} has become a dead letter: {Reason}. {Description}")]
    public static partial void DeadLetterSeen(this ILogger logger, string messageId, string queue, string reason, string description);

    [LoggerMessage(4107, LogLevel.Warning, "Looking for dead letters of {Queue} failed; tried again")]
    public static partial void DeadLettersFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(4108, LogLevel.Warning, "A reply for {ReplyTo} has no queue to go to: the process that waited for it has ended")]
    public static partial void InboxGone(this ILogger logger, string replyTo);

    [LoggerMessage(4109, LogLevel.Warning, "A reply in {Queue} could not be taken; it comes again")]
    public static partial void ReplyFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(4110, LogLevel.Information, "Queue {Queue} was made")]
    public static partial void QueueMade(this ILogger logger, string queue);

    [LoggerMessage(4111, LogLevel.Information, "Queue {Queue} was retired: the plan has no place for it and it was not used for a while")]
    public static partial void QueueRetired(this ILogger logger, string queue);

    [LoggerMessage(4112, LogLevel.Warning, "The payload {Token} was not deleted; the store's lifecycle rule will")]
    public static partial void PayloadLeft(this ILogger logger, Exception exception, string token);

    [LoggerMessage(4113, LogLevel.Information, "This identity may not make queue {Queue}; waiting for the planner to make it")]
    public static partial void MayNotMake(this ILogger logger, string queue);
}

using Microsoft.Extensions.Logging;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Log messages of the NATS ports; ids 4200–4299.</summary>
internal static partial class NatsLog
{
    [LoggerMessage(4200, LogLevel.Warning, "Receiving from {Queue} failed; tried again after a pause")]
    public static partial void ReceiveFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(4201, LogLevel.Error, "Message {MessageId} of {Queue} is put aside as a dead letter: {Reason}")]
    public static partial void PutAside(this ILogger logger, string messageId, string queue, string reason);

    [LoggerMessage(4202, LogLevel.Warning, "The payload of message {MessageId} of {Queue} could not be fetched; tried again after a pause")]
    public static partial void FetchFailed(this ILogger logger, Exception exception, string messageId, string queue);

    [LoggerMessage(4203, LogLevel.Warning, "Message {MessageId} of {Queue} could not be settled: it comes again")]
    public static partial void SettleFailed(this ILogger logger, Exception exception, string messageId, string queue);

    [LoggerMessage(4204, LogLevel.Warning, "Messages of {Queue} could not be prolonged; tried again")]
    public static partial void ProlongFailed(this ILogger logger, Exception exception, string queue);

    [LoggerMessage(4205, LogLevel.Warning, "A reply for {ReplyTo} has no reader: the process that waited for it has ended")]
    public static partial void InboxGone(this ILogger logger, string replyTo);

    [LoggerMessage(4206, LogLevel.Warning, "A reply in {Inbox} could not be taken; it comes again")]
    public static partial void ReplyFailed(this ILogger logger, Exception exception, string inbox);

    [LoggerMessage(4207, LogLevel.Error, "A reply in {Inbox} is unreadable and dropped: {Reason}")]
    public static partial void ReplyUnreadable(this ILogger logger, string inbox, string reason);

    [LoggerMessage(4208, LogLevel.Warning, "Reading inbox {Inbox} failed; tried again after a pause")]
    public static partial void InboxFailed(this ILogger logger, Exception exception, string inbox);

    [LoggerMessage(4209, LogLevel.Information, "Queue {Queue} was made")]
    public static partial void QueueMade(this ILogger logger, string queue);

    [LoggerMessage(4210, LogLevel.Information, "Queue {Queue} was retired: the plan has no place for it")]
    public static partial void QueueRetired(this ILogger logger, string queue);

    [LoggerMessage(4211, LogLevel.Warning, "The payload {Token} was not deleted; the bucket's age will")]
    public static partial void PayloadLeft(this ILogger logger, Exception exception, string token);
}

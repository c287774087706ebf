using System.Globalization;
using global::Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Conversion of stage messages and replies to Service Bus messages. A body above <see cref="InlineBytes"/> goes to the payload
/// store and its token travels. Data that failures need are also properties, readable when the body is not.</summary>
internal sealed class Envelope(IPayloadStore payloads, TimeProvider time, ServiceBusOptions options, ILogger<Envelope> logger)
{
    /// <summary>Largest inline body, bytes. The Standard tier takes 256 KB with properties and headers, so inline payloads fit together
    /// with the message's other members.</summary>
    public const int InlineBytes = StagePayload.InlineLimitBytes + 30_000;

    private const string ClaimKey = "claim";
    private const string QueryKey = "query";
    private const string ReplyToKey = "reply-to";
    private const string PipelineKey = "pipeline";
    private const string TaskKey = "task";
    private const string VariantKey = "variant";
    private const string CreditStartKey = "credit-start";
    private const string CreditLengthKey = "credit-length";
    private const string RoundKey = "round";

    /// <summary>Least lifetime of a message: a query that is late already is still delivered, so that a worker can report it.</summary>
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(1);

    public async ValueTask<ServiceBusMessage> SealAsync(StageMessage message, CancellationToken cancellationToken)
    {
        var sealed_ = await SealAsync(StageMessageCodec.Write(message), message.MessageId, cancellationToken);
        if (!message.ReturnOnly && message.Deadline is { } deadline)
        {
            var left = deadline - time.GetUtcNow();
            sealed_.TimeToLive = left > ShortestLife ? left : ShortestLife;
        }

        var properties = sealed_.ApplicationProperties;
        properties[QueryKey] = message.QueryId;
        properties[ReplyToKey] = message.ReplyTo;
        properties[PipelineKey] = message.Pipeline;
        properties[TaskKey] = message.Task;
        properties[VariantKey] = message.Variant;
        properties[CreditStartKey] = message.Credit.Start.ToString("x", CultureInfo.InvariantCulture);
        properties[CreditLengthKey] = message.Credit.Length.ToString("x", CultureInfo.InvariantCulture);
        properties[RoundKey] = message.Round.ToString(CultureInfo.InvariantCulture);
        return sealed_;
    }

    public async ValueTask<ServiceBusMessage> SealAsync(StageReply reply, string replyTo, CancellationToken cancellationToken)
    {
        var sealed_ = await SealAsync(StageReplyCodec.Write(reply), ReplyIds.Of(reply), cancellationToken);
        if (replyTo.StartsWith(StageQueueNames.ReplyPrefix, StringComparison.Ordinal))
            sealed_.TimeToLive = options.ReplyLife;
        return sealed_;
    }

    /// <exception cref="FormatException">The body is no stage message, or its payload is gone.</exception>
    public async ValueTask<StageMessage> OpenMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        StageMessageCodec.Read(await BodyAsync(message, cancellationToken));

    /// <exception cref="FormatException">The body is no reply, or its payload is gone.</exception>
    public async ValueTask<StageReply> OpenReplyAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        StageReplyCodec.Read(await BodyAsync(message, cancellationToken));

    /// <summary>Deletes the message's payloads in the payload store, once it is settled for good.</summary>
    public async ValueTask DiscardAsync(ServiceBusReceivedMessage message)
    {
        if (Text(message, ClaimKey) is not { } token)
            return;
        try
        {
            await payloads.DeleteAsync(token, CancellationToken.None);
        }
        catch (Exception exception)
        {
            logger.PayloadLeft(exception, token);
        }
    }

    /// <summary>Makes the failure reply of a message that no worker could serve; null if the message does not name its sender.</summary>
    public static (string ReplyTo, StageReply Reply)? FailureOf(ServiceBusReceivedMessage message, string worker, string error)
    {
        if (Text(message, QueryKey) is not { } query || Text(message, ReplyToKey) is not { } replyTo || Text(message, PipelineKey) is not { } pipeline
            || Text(message, TaskKey) is not { } task || Text(message, VariantKey) is not { } variant
            || !UInt128.TryParse(Text(message, CreditStartKey), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
            || !UInt128.TryParse(Text(message, CreditLengthKey), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length)
            || !int.TryParse(Text(message, RoundKey), NumberStyles.None, CultureInfo.InvariantCulture, out var round))
        {
            return null;
        }

        return (replyTo, new StageReply
        {
            QueryId = query,
            Pipeline = pipeline,
            Task = task,
            Variant = variant,
            Credit = new Credit(start, length),
            Round = round,
            Failure = new StageFailure(QueryOutcome.Failed, error),
            Worker = worker,
        });
    }

    private static string? Text(ServiceBusReceivedMessage message, string key) =>
        message.ApplicationProperties.TryGetValue(key, out var value) ? value as string : null;

    private async ValueTask<ServiceBusMessage> SealAsync(byte[] body, string id, CancellationToken cancellationToken)
    {
        if (body.Length <= InlineBytes)
            return new ServiceBusMessage(body) { MessageId = id };
        var message = new ServiceBusMessage { MessageId = id };
        message.ApplicationProperties[ClaimKey] = await payloads.PutAsync(body, cancellationToken);
        return message;
    }

    private async ValueTask<ReadOnlyMemory<byte>> BodyAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken)
    {
        if (Text(message, ClaimKey) is not { } token)
            return message.Body.ToMemory();
        return await payloads.FindAsync(token, cancellationToken) ?? throw new FormatException($"The payload {token}, which holds the body, is gone.");
    }
}

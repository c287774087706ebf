using System.Globalization;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Nats.Messaging;

/// <summary>Conversion of stage messages and replies to bodies and headers. A body above <see cref="InlineBytes"/> goes to the payload store
/// and its token travels. What failures need is also a header, readable when the body is not.</summary>
internal sealed class Envelope(IPayloadStore payloads, ILogger logger)
{
    /// <summary>Largest inline body, bytes: well below the 1 MiB that a server takes by default.</summary>
    public const int InlineBytes = 480_000;

    private const string Claim = "Loki-Claim";
    private const string Due = "Loki-Deadline";

    /// <summary>Work of the message: query, inbox, pipeline, task, variant, credit and round, each escaped as in a URI, between
    /// spaces.</summary>
    private const string Work = "Loki-Work";

    public async ValueTask<(byte[] Body, NatsHeaders Headers)> SealAsync(StageMessage message, CancellationToken cancellationToken)
    {
        var (body, headers) = await SealAsync(StageMessageCodec.Write(message), cancellationToken);
        if (message is { ReturnOnly: false, Deadline: { } deadline })
            headers.Add(Due, deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        string[] work =
        [
            message.QueryId, message.ReplyTo, message.Pipeline, message.Task, message.Variant, message.Credit.Start.ToString("x", CultureInfo.InvariantCulture),
            message.Credit.Length.ToString("x", CultureInfo.InvariantCulture), message.Round.ToString(CultureInfo.InvariantCulture),
        ];
        headers.Add(Work, string.Join(' ', work.Select(Uri.EscapeDataString)));
        return (body, headers);
    }

    public ValueTask<(byte[] Body, NatsHeaders Headers)> SealAsync(StageReply reply, CancellationToken cancellationToken) =>
        SealAsync(StageReplyCodec.Write(reply), cancellationToken);

    /// <exception cref="FormatException">The body is no stage message, or its payload is gone.</exception>
    public async ValueTask<StageMessage> OpenMessageAsync(byte[]? body, NatsHeaders? headers, CancellationToken cancellationToken) =>
        StageMessageCodec.Read(await BodyAsync(body, headers, cancellationToken));

    /// <exception cref="FormatException">The body is no reply, or its payload is gone.</exception>
    public async ValueTask<StageReply> OpenReplyAsync(byte[]? body, NatsHeaders? headers, CancellationToken cancellationToken) =>
        StageReplyCodec.Read(await BodyAsync(body, headers, cancellationToken));

    /// <summary>Returns the deadline of a message's query; null where there is none.</summary>
    public static DateTimeOffset? DeadlineOf(NatsHeaders? headers) =>
        Text(headers, Due) is { } text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms) ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Deletes the message's body in the payload store, once it is settled for good.</summary>
    public async ValueTask DiscardAsync(NatsHeaders? headers)
    {
        if (Text(headers, Claim) is not { } token)
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

    /// <summary>Makes the failure reply of a message that no worker could serve; null if the message does not say whose it is.</summary>
    public static (string ReplyTo, StageReply Reply)? FailureOf(NatsHeaders? headers, string worker, string error)
    {
        if (Text(headers, Work)?.Split(' ') is not [var query, var replyTo, var pipeline, var task, var variant, var from, var count, var again]
            || !UInt128.TryParse(from, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
            || !UInt128.TryParse(count, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length)
            || !int.TryParse(again, NumberStyles.None, CultureInfo.InvariantCulture, out var round))
        {
            return null;
        }

        return (Uri.UnescapeDataString(replyTo), new StageReply
        {
            QueryId = Uri.UnescapeDataString(query),
            Pipeline = Uri.UnescapeDataString(pipeline),
            Task = Uri.UnescapeDataString(task),
            Variant = Uri.UnescapeDataString(variant),
            Credit = new Credit(start, length),
            Round = round,
            Failure = new StageFailure(QueryOutcome.Failed, error),
            Worker = worker,
        });
    }

    private static string? Text(NatsHeaders? headers, string key) => headers is not null && headers.TryGetValue(key, out var value) ? value.ToString() : null;

    private async ValueTask<(byte[] Body, NatsHeaders Headers)> SealAsync(byte[] body, CancellationToken cancellationToken) => body.Length <= InlineBytes
        ? (body, [])
        : ([], new NatsHeaders { { Claim, await payloads.PutAsync(body, cancellationToken) } });

    private async ValueTask<ReadOnlyMemory<byte>> BodyAsync(byte[]? body, NatsHeaders? headers, CancellationToken cancellationToken)
    {
        if (Text(headers, Claim) is not { } token)
            return body;
        return await payloads.FindAsync(token, cancellationToken) ?? throw new FormatException($"The payload {token}, which holds the body, is gone.");
    }
}

using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Node that answers requests: a client sends on one link of a session, and gets answers on another, which the request
/// names.</summary>
internal sealed class RequestNode(Func<string, AmqpMessage, AmqpMessage> answer)
{
    private readonly ConcurrentDictionary<string, SendingAmqpLink> _answers = new(StringComparer.Ordinal);

    public void OpenRequests(string entity, ReceivingAmqpLink link) => link.RegisterMessageListener(request => OnRequest(entity, link, request));

    public void OpenAnswers(SendingAmqpLink link)
    {
        if ((link.Settings.Target as Target)?.Address?.ToString() is not { } name)
            throw new AmqpException(AmqpErrorCode.InvalidField, "A link for answers names its target, so that requests can name it.");
        var key = Key(link, name);
        _answers[key] = link;
        link.SafeAddClosed((_, _) => _answers.TryRemove(KeyValuePair.Create(key, link)));
    }

    private static string Key(AmqpLink link, string name) => $"{link.Session.Connection.Identifier}/{name}";

    private void OnRequest(string entity, ReceivingAmqpLink link, AmqpMessage request)
    {
        // The library is about to read it; what is malformed ends the link.
        MessageCodec.Wire(request);
        link.DisposeMessage(request, AmqpConstants.AcceptedOutcome, settled: true, batchable: false);
        if (request.Properties?.ReplyTo?.ToString() is { } name && _answers.TryGetValue(Key(link, name), out var way))
        {
            var response = answer(entity, request);
            response.Properties.CorrelationId = request.Properties.MessageId;
            way.SendMessageNoWait(response, new ArraySegment<byte>(Guid.NewGuid().ToByteArray()), AmqpConstants.NullBinary);
        }

        request.Dispose();
    }
}

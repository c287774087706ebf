using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Node <c>$management</c> of a queue: operations other than sending, receiving and settling.</summary>
internal sealed class ManagementRequests(MessageBroker broker)
{
    public const string Suffix = "/$management";

    public AmqpMessage Answer(string entity, AmqpMessage request)
    {
        try
        {
            if (broker.Find(entity) is not { } queue)
                return Refused(BrokerFault.NotFound(entity));
            var operation = request.ApplicationProperties?.Map["operation"] as string;
            var map = request.ValueBody?.Value as AmqpMap ?? [];
            return operation switch
            {
                "com.microsoft:renew-lock" => RenewLock(queue, map),
                "com.microsoft:peek-message" => Peek(queue, map),
                "com.microsoft:schedule-message" => Schedule(queue, map),
                "com.microsoft:cancel-scheduled-message" => Answered(queue.CancelScheduled(Required<long[]>(map, "sequence-numbers"))),
                "com.microsoft:update-disposition" => UpdateDisposition(queue, map),
                _ => Refused(new BrokerFault(BrokerFaultKind.NotSupported, $"'{operation}' is not served by this broker for development.")),
            };
        }
        catch (Exception exception)
        {
            var error = AmqpFault.ToError(exception);
            return Response(AmqpResponseStatusCode.BadRequest, new AmqpMap(), error.Condition, error.Description);
        }
    }

    private static AmqpMessage RenewLock(BrokerQueue queue, AmqpMap map)
    {
        var until = new List<DateTime>();
        foreach (var token in Required<Guid[]>(map, "lock-tokens"))
        {
            if (queue.Renew(token, out var end) is { } fault)
                return Refused(fault);
            until.Add(end.UtcDateTime);
        }

        return Response(AmqpResponseStatusCode.OK, new AmqpMap { { new MapKey("expirations"), until.ToArray() } });
    }

    private static AmqpMessage Peek(BrokerQueue queue, AmqpMap map)
    {
        var (from, count) = (Required<long>(map, "from-sequence-number"), Required<int>(map, "message-count"));
        if (queue.Peek(count, from, out var messages) is { } fault)
            return Refused(fault);
        if (messages.Length == 0)
            return Response(AmqpResponseStatusCode.NoContent, new AmqpMap());
        var list = new List<AmqpMap>();
        foreach (var message in messages)
        {
            using var stream = MessageCodec.Write(message, isPeek: true);
            list.Add(new AmqpMap { { new MapKey("message"), stream.ReadBytes((int)stream.Length) } });
        }

        return Response(AmqpResponseStatusCode.OK, new AmqpMap { { new MapKey("messages"), list } });
    }

    private static AmqpMessage Schedule(BrokerQueue queue, AmqpMap map)
    {
        var messages = new List<BrokerMessage>();
        foreach (var entry in Required<System.Collections.IList>(map, "messages"))
            messages.Add(MessageCodec.ReadEncoded(Required<ArraySegment<byte>>(entry as AmqpMap ?? [], "message")));
        return queue.Send(messages, out var numbers) is { } fault
            ? Refused(fault)
            : Response(AmqpResponseStatusCode.OK, new AmqpMap { { new MapKey("sequence-numbers"), numbers } });
    }

    /// <summary>Settles a message that was received on a closed link, since a lock outlives its connection.</summary>
    private static AmqpMessage UpdateDisposition(BrokerQueue queue, AmqpMap map)
    {
        var properties = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (map.TryGetValue<AmqpMap>(new MapKey("properties-to-modify"), out var changes))
        {
            foreach (var (key, value) in changes)
                properties[key.Key.ToString()!] = value;
        }

        foreach (var token in Required<Guid[]>(map, "lock-tokens"))
        {
            var status = Required<string>(map, "disposition-status");
            var fault = status switch
            {
                "completed" => queue.Complete(token),
                "abandoned" => queue.Abandon(token, properties),
                "suspended" => queue.DeadLetter(token, properties, Optional(map, "deadletter-reason"), Optional(map, "deadletter-description")),
                _ => new BrokerFault(BrokerFaultKind.NotSupported, $"Disposition '{status}' is not served by this broker for development."),
            };
            if (fault is not null)
                return Refused(fault);
        }

        return Answered(null);
    }

    private static string? Optional(AmqpMap map, string name) => map.TryGetValue<string>(new MapKey(name), out var value) ? value : null;

    private static T Required<T>(AmqpMap map, string name) => map.TryGetValue<T>(new MapKey(name), out var value)
        ? value
        : throw new AmqpException(AmqpErrorCode.InvalidField, $"The request has no '{name}' of type {typeof(T).Name}.");

    private static AmqpMessage Answered(BrokerFault? fault) => fault is null ? Response(AmqpResponseStatusCode.OK, new AmqpMap()) : Refused(fault);

    private static AmqpMessage Refused(BrokerFault fault) => Response(AmqpFault.Status(fault.Kind), new AmqpMap(), AmqpFault.Condition(fault.Kind), fault.Text);

    private static AmqpMessage Response(AmqpResponseStatusCode status, AmqpMap body, AmqpSymbol condition = default, string? description = null)
    {
        var response = AmqpMessage.Create(new AmqpValue { Value = body });
        response.ApplicationProperties = new ApplicationProperties();
        response.ApplicationProperties.Map["statusCode"] = (int)status;
        response.ApplicationProperties.Map["statusDescription"] = description ?? status.ToString();
        if (condition.Value is not null)
            response.ApplicationProperties.Map["errorCondition"] = condition;
        return response;
    }
}

using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Link of a client that receives from a queue: messages are sent while it has given credit.</summary>
internal sealed class ReceiverLink
{
    private readonly BrokerQueue _queue;
    private readonly SendingAmqpLink _link;
    private readonly BrokerConsumer _consumer;
    private readonly Lock _sending = new();

    private ReceiverLink(BrokerQueue queue, SendingAmqpLink link)
    {
        (_queue, _link) = (queue, link);
        _consumer = new BrokerConsumer(link.Settings.SettleType == SettleMode.SettleOnSend, Pump, fault => link.SafeClose(fault.ToException()));
    }

    public static void Open(MessageBroker broker, string entity, SendingAmqpLink link)
    {
        var queue = broker.Find(entity) ?? throw BrokerFault.NotFound(entity).ToException();
        var receiver = new ReceiverLink(queue, link);
        if (queue.Attach(receiver._consumer) is { } fault)
            throw fault.ToException();
        link.RegisterCreditListener(receiver.OnCredit);
        link.RegisterDispositionListener(receiver.OnDisposition);
        // Also when its connection is gone.
        link.SafeAddClosed((_, _) => queue.Detach(receiver._consumer));
    }

    private void OnCredit(uint more, bool drain, ArraySegment<byte> transaction)
    {
        _queue.SetCredit(_consumer, (int)Math.Min(_link.LinkCredit, int.MaxValue));
        if (!drain)
            return;
        // Once all credit is said to be used up, nothing may follow.
        Pump();
        _queue.SetCredit(_consumer, 0);
    }

    private void Pump()
    {
        lock (_sending)
        {
            while (_queue.Take(_consumer) is { } message)
            {
                var delivery = AmqpMessage.CreateAmqpStreamMessage(MessageCodec.Write(message, isPeek: false), payloadInitialized: true);
                delivery.DeliveryTag = new ArraySegment<byte>((_consumer.IsDelete ? Guid.NewGuid() : message.LockToken).ToByteArray());
                if (TrySend(delivery))
                    continue;
                _queue.Return(_consumer, message);
                // Credit that came between the two must not be forgotten with what was used up.
                if (_link.State != AmqpObjectState.Opened || _link.LinkCredit == 0)
                    return;
                _queue.SetCredit(_consumer, (int)Math.Min(_link.LinkCredit, int.MaxValue));
            }
        }
    }

    /// <summary>Sends a delivery; false on a fault, which must not reach the sender of the message.</summary>
    private bool TrySend(AmqpMessage delivery)
    {
        try
        {
            return _link.TrySendDelivery(delivery);
        }
        catch (Exception exception)
        {
            _link.SafeClose(exception);
            return false;
        }
    }

    private void OnDisposition(Delivery delivery)
    {
        // With receive-and-delete this comes when it was sent.
        if (_consumer.IsDelete || delivery.State is not { } state)
            return;
        var outcome = Settle(new Guid(delivery.DeliveryTag.AsSpan()), state).ToOutcome();
        if (!delivery.Settled)
            _link.DisposeDelivery(delivery, settled: true, outcome);
        delivery.Dispose();
    }

    private BrokerFault? Settle(Guid token, DeliveryState state)
    {
        switch (state)
        {
            case Accepted:
                return _queue.Complete(token);
            case Released:
                return _queue.Release(token);
            case Modified { UndeliverableHere: true }:
                return new BrokerFault(BrokerFaultKind.NotSupported, "Deferral is not served by this broker for development.");
            case Modified modified:
                return _queue.Abandon(token, ToProperties(modified.MessageAnnotations));
            case Rejected rejected:
                var properties = ToProperties(rejected.Error?.Info);
                return _queue.DeadLetter(token, properties, reason: null, description: null);
            default:
                return new BrokerFault(BrokerFaultKind.NotSupported, $"A message cannot be settled with {state}.");
        }
    }

    /// <summary>Converts the fields of a dead letter: its reason and description are properties with names of their own.</summary>
    private static Dictionary<string, object?> ToProperties(Fields? fields)
    {
        var properties = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in fields ?? [])
            properties[key.Key.ToString()!] = value;
        return properties;
    }
}

using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Link of a client that sends to a queue.</summary>
internal sealed class SenderLink
{
    private readonly MessageBroker _broker;
    private readonly string _entity;
    private readonly ReceivingAmqpLink _link;

    private SenderLink(MessageBroker broker, string entity, ReceivingAmqpLink link) => (_broker, _entity, _link) = (broker, entity, link);

    public static void Open(MessageBroker broker, string entity, ReceivingAmqpLink link)
    {
        if (broker.Find(entity) is null)
            throw BrokerFault.NotFound(entity).ToException();
        if (entity.EndsWith(BrokerQueue.DeadLetterSuffix, StringComparison.OrdinalIgnoreCase))
            throw new AmqpException(AmqpErrorCode.NotAllowed, "Messages cannot be sent to a dead-letter queue.");
        link.RegisterMessageListener(new SenderLink(broker, entity, link).OnMessage);
    }

    private void OnMessage(AmqpMessage transfer)
    {
        Outcome outcome;
        try
        {
            outcome = Receive(transfer);
        }
        catch (Exception exception)
        {
            outcome = new Rejected { Error = AmqpFault.ToError(exception) };
        }

        // Not batchable: the sender waits for it.
        _link.DisposeMessage(transfer, outcome, settled: true, batchable: false);
        transfer.Dispose();
    }

    private Outcome Receive(AmqpMessage transfer)
    {
        if (transfer.TxnId.Array is not null)
            return new BrokerFault(BrokerFaultKind.NotSupported, "Transactions are not served by this broker for development.").ToOutcome();
        // By its name each time: it may have been deleted, and made again.
        if (_broker.Find(_entity) is not { } queue)
            return BrokerFault.NotFound(_entity).ToOutcome();
        return queue.Send(MessageCodec.ReadTransfer(transfer), out _).ToOutcome();
    }
}

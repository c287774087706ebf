namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Consumer of a queue's messages while it has credit. Guarded by the queue.</summary>
/// <param name="isDelete">True for receive-and-delete: delivered messages are removed.</param>
/// <param name="wake">Called without the queue's lock when <see cref="BrokerQueue.Take"/> has a message for the consumer.</param>
/// <param name="end">Called without the queue's lock when the queue is deleted.</param>
internal sealed class BrokerConsumer(bool isDelete, Action wake, Action<BrokerFault> end)
{
    public bool IsDelete { get; } = isDelete;

    public Action Wake { get; } = wake;

    public Action<BrokerFault> End { get; } = end;

    /// <summary>Number of messages that the consumer still takes, those in <see cref="Outbox"/> not counted.</summary>
    public int Credit { get; set; }

    /// <summary>Messages assigned to the consumer, but not sent yet.</summary>
    public Queue<BrokerMessage> Outbox { get; } = [];
}

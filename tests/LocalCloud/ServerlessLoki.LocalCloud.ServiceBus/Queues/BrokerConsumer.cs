namespace ServerlessLoki.LocalCloud.ServiceBus.Queues;

/// <summary>Someone who takes messages of a queue while it has credit. Guarded by the queue.</summary>
/// <param name="isDelete">Receive-and-delete: what is handed out is gone.</param>
/// <param name="wake">Called without the queue's lock when <see cref="BrokerQueue.Take"/> has something for it.</param>
/// <param name="end">Called without the queue's lock when the queue is deleted.</param>
internal sealed class BrokerConsumer(bool isDelete, Action wake, Action<BrokerFault> end)
{
    public bool IsDelete { get; } = isDelete;

    public Action Wake { get; } = wake;

    public Action<BrokerFault> End { get; } = end;

    /// <summary>How many messages it still takes, those in <see cref="Outbox"/> not counted.</summary>
    public int Credit { get; set; }

    /// <summary>Handed to it, but not sent yet.</summary>
    public Queue<BrokerMessage> Outbox { get; } = [];
}

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>A receive that found nothing yet. Guarded by the queue; ends once.</summary>
internal sealed class BrokerWaiter(int max, bool isDelete)
{
    private readonly TaskCompletionSource<BrokerReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Max { get; } = max;

    public bool IsDelete { get; } = isDelete;

    public Task<BrokerReply> Reply => _reply.Task;

    public void End(BrokerReply reply) => _reply.TrySetResult(reply);
}

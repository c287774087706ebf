namespace Azure.Messaging.ServiceBus.Broker;

internal sealed class LocalLink(MessageBroker broker) : IBrokerLink
{
    private readonly CancellationTokenSource _closed = new();

    public async ValueTask<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed.Token);
        return await broker.ExecuteAsync(request, either.Token);
    }

    public async ValueTask DisposeAsync() => await _closed.CancelAsync();
}

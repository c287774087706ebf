namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>A client's way to the broker: in process, or over a socket.</summary>
internal interface IBrokerLink : IAsyncDisposable
{
    /// <summary>One exchange. What the broker refuses is in the reply; a broker that cannot be reached is an exception.</summary>
    ValueTask<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken);
}

using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transport;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>A connection that ends soon when it is to end: a peer that broke the protocol may never answer a close.</summary>
internal sealed class LocalConnection(TransportBase transport, ProtocolHeader header, AmqpSettings amqp, AmqpConnectionSettings settings)
    : AmqpConnection(transport, header, isInitiator: false, amqp, settings)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    protected override bool CloseInternal()
    {
        var isClosed = base.CloseInternal();
        if (!isClosed)
            _ = AbortLaterAsync();
        return isClosed;
    }

    private async Task AbortLaterAsync()
    {
        await Task.Delay(Grace);
        Abort();
    }
}

using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transport;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Connection that closes quickly: a peer that broke the protocol may never answer a close.</summary>
internal sealed class LocalConnection(TransportBase transport, ProtocolHeader header, AmqpSettings amqp, AmqpConnectionSettings settings)
    : AmqpConnection(transport, header, isInitiator: false, amqp, settings)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private Exception? _cause;

    /// <summary>First fault that ended the connection; null if there was none. Later faults on the closed socket are ignored.</summary>
    public Exception? Cause => _cause ?? TerminalException;

    protected override bool CloseInternal()
    {
        _cause ??= TerminalException;
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

using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Sasl;
using Microsoft.Azure.Amqp.Transport;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>AMQP 1.0 server: connections, and the node of each link.</summary>
internal sealed class AmqpServer : IRuntimeProvider, IAsyncDisposable
{
    /// <summary>Time without data after which a peer counts as dead, milliseconds; clients are told, and send in time.</summary>
    private const uint IdleMilliseconds = 60_000;
    private const int MaxFrameBytes = 64 * 1024;

    private readonly MessageBroker _broker;
    private readonly RequestNode _tokens = new((_, _) => TokenRequests.Answer());
    private readonly RequestNode _management;
    private readonly ConcurrentDictionary<AmqpConnection, byte> _connections = new();
    private readonly HandshakeWatch _handshakes;
    private readonly AmqpSettings _settings;
    private readonly AmqpTransportListener _listener;

    public AmqpServer(MessageBroker broker, int port, TimeSpan patience, ILogger logger)
    {
        _broker = broker;
        _management = new RequestNode(new ManagementRequests(broker).Answer);
        _handshakes = new HandshakeWatch(patience, logger);
        _settings = new AmqpSettings { RuntimeProvider = this };
        // The mechanism of clients that present a token afterwards. Every token is accepted.
        var sasl = new SaslTransportProvider();
        sasl.Versions.Add(AmqpConstants.DefaultProtocolVersion);
        sasl.AddHandler(new SaslAnonymousHandler("MSSBCBS"));
        sasl.AddHandler(new SaslAnonymousHandler());
        _settings.TransportProviders.Add(sasl);
        var amqp = new AmqpTransportProvider();
        amqp.Versions.Add(AmqpConstants.DefaultProtocolVersion);
        _settings.TransportProviders.Add(amqp);
        var socket = new SocketListener(port, MaxFrameBytes, _handshakes.Watch);
        Port = socket.Port;
        _listener = new AmqpTransportListener([socket], _settings);
        _listener.Open();
        _listener.Listen(OnAccepted);
    }

    public int Port { get; }

    public AmqpConnection CreateConnection(
        TransportBase transport, ProtocolHeader protocolHeader, bool isInitiator, AmqpSettings amqpSettings, AmqpConnectionSettings connectionSettings) =>
        new LocalConnection(transport, protocolHeader, amqpSettings, connectionSettings);

    public AmqpSession CreateSession(AmqpConnection connection, AmqpSessionSettings settings) => new(connection, settings, this);

    public AmqpLink CreateLink(AmqpSession session, AmqpLinkSettings settings)
    {
        if (!settings.Role!.Value)
            return new SendingAmqpLink(session, settings);
        // A request may hold several messages; each is measured when it is read.
        var isRequests = AddressOf(settings).EndsWith(ManagementRequests.Suffix, StringComparison.OrdinalIgnoreCase);
        settings.MaxMessageSize = (ulong)(isRequests ? 4 : 1) * BrokerMessage.MaxSizeInBytes;
        return new ReceivingAmqpLink(session, settings);
    }

    public IAsyncResult BeginOpenLink(AmqpLink link, TimeSpan timeout, AsyncCallback callback, object state)
    {
        OpenLink(link);
        var done = new TaskCompletionSource(state);
        done.SetResult();
        callback(done.Task);
        return done.Task;
    }

    public void EndOpenLink(IAsyncResult result)
    {
        // A link that cannot be opened was refused at once.
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        // A closed connection is noticed at once, so that clients reconnect without waiting for a timeout.
        await Task.WhenAll(_connections.Keys.Select(static c => CloseAsync(c)));
        _handshakes.Dispose();
    }

    private static async Task CloseAsync(AmqpConnection connection)
    {
        try
        {
            await connection.CloseAsync(TimeSpan.FromSeconds(1));
        }
        catch (Exception)
        {
            connection.Abort();
        }
    }

    /// <summary>Returns the address of a link: clients write a path, absolute or not, percent-encoded or not.</summary>
    private static string AddressOf(AmqpLinkSettings link)
    {
        var address = link.Role!.Value ? (link.Target as Target)?.Address : (link.Source as Source)?.Address;
        if (address?.ToString() is not { Length: > 0 } text)
            throw new AmqpException(AmqpErrorCode.NotImplemented, "Links without an address (transactions) are not served by this broker for development.");
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && !uri.IsFile)
            text = uri.AbsolutePath;
        return Uri.UnescapeDataString(text).Trim('/');
    }

    private void OpenLink(AmqpLink link)
    {
        var address = AddressOf(link.Settings);
        var node = address.Equals(TokenRequests.Address, StringComparison.OrdinalIgnoreCase) ? _tokens
            : address.EndsWith(ManagementRequests.Suffix, StringComparison.OrdinalIgnoreCase) ? _management : null;
        switch (link)
        {
            case ReceivingAmqpLink requests when node is not null:
                node.OpenRequests(address.EndsWith(ManagementRequests.Suffix, StringComparison.OrdinalIgnoreCase) ? address[..^ManagementRequests.Suffix.Length] : address, requests);
                break;
            case SendingAmqpLink answers when node is not null:
                node.OpenAnswers(answers);
                break;
            case ReceivingAmqpLink sender:
                SenderLink.Open(_broker, address, sender);
                break;
            case SendingAmqpLink receiver:
                if ((receiver.Settings.Source as Source)?.FilterSet is { } filters && filters.Any(static f => f.Key.Key.ToString() == "com.microsoft:session-filter"))
                    throw new AmqpException(AmqpErrorCode.NotImplemented, "Sessions are not served by this broker for development.");
                ReceiverLink.Open(_broker, address, receiver);
                break;
            default:
                throw new AmqpException(AmqpErrorCode.NotImplemented, "An unknown kind of link.");
        }
    }

    private void OnAccepted(TransportListener listener, TransportAsyncCallbackArgs args)
    {
        var transport = args.Transport;
        var connection = new LocalConnection(
            transport, (ProtocolHeader)args.UserToken, _settings, new AmqpConnectionSettings { ContainerId = "local-service-bus", MaxFrameSize = MaxFrameBytes, IdleTimeOut = IdleMilliseconds });
        _ = OpenAsync(connection, transport);
    }

    private async Task OpenAsync(LocalConnection connection, TransportBase transport)
    {
        _connections.TryAdd(connection, 0);
        connection.SafeAddClosed((_, _) =>
        {
            _connections.TryRemove(connection, out _);
            _handshakes.Closed(transport.RemoteEndPoint, connection.Cause);
        });
        try
        {
            await connection.OpenAsync(AmqpConstants.DefaultTimeout);
            _handshakes.Admit(transport.RemoteEndPoint);
        }
        catch (Exception exception)
        {
            connection.SafeClose(exception);
        }
    }
}

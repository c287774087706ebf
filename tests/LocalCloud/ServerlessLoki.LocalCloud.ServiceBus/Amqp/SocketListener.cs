using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Transport;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Listener for connections on loopback.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The library closes or aborts a listener; it disposes of none.")]
internal sealed class SocketListener : TransportListener
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly int _maxFrameBytes;
    private readonly Action<SocketTransport> _accepted;

    /// <param name="port">Port number; 0 = a free one.</param>
    /// <param name="maxFrameBytes">Largest frame, bytes; a peer that sends a larger one is disconnected.</param>
    /// <param name="accepted">Receives each connection before any of its bytes are read.</param>
    public SocketListener(int port, int maxFrameBytes, Action<SocketTransport> accepted)
        : base("loopback-listener")
    {
        (_maxFrameBytes, _accepted) = (maxFrameBytes, accepted);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _socket.Listen(512);
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    protected override void OnListen() => _ = AcceptAsync();

    protected override bool CloseInternal()
    {
        _socket.Close();
        return true;
    }

    protected override void AbortInternal() => _socket.Close();

    private async Task AcceptAsync()
    {
        while (!IsClosing())
        {
            try
            {
                var socket = await _socket.AcceptAsync();
                var transport = new SocketTransport(socket, _maxFrameBytes);
                transport.Open();
                _accepted(transport);
                OnTransportAccepted(new TransportAsyncCallbackArgs { Transport = transport, CompletedSynchronously = true });
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // A connection that was gone before it was accepted, or no descriptor left for it.
                await Task.Delay(10);
            }
        }
    }
}

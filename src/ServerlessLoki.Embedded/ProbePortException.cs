using System.Net;
using System.Net.Sockets;

namespace ServerlessLoki.Embedded;

/// <summary>The host cannot listen on the port for probes; the main port may well be free.</summary>
/// <param name="address">Address of the port.</param>
/// <param name="port">Port number.</param>
/// <param name="cause">Cause of the failure.</param>
public sealed class ProbePortException(IPAddress address, int port, SocketException cause)
    : IOException($"The port for probes cannot be opened: {address}, port {port}: {cause?.Message}.", cause)
{
    /// <summary>Port number.</summary>
    public int Port => port;

    /// <summary>Cause of the failure.</summary>
    public SocketException Cause { get; } = cause ?? throw new ArgumentNullException(nameof(cause));
}

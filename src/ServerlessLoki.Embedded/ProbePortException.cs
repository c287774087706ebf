using System.Net;
using System.Net.Sockets;

namespace ServerlessLoki.Embedded;

/// <summary>The port for probes cannot be listened on; the main one may well be free.</summary>
/// <param name="address">Address that was to be listened on.</param>
/// <param name="port">The port.</param>
/// <param name="cause">Why not.</param>
public sealed class ProbePortException(IPAddress address, int port, SocketException cause)
    : IOException($"The port for probes cannot be opened: {address}, port {port}: {cause?.Message}.", cause)
{
    /// <summary>The port.</summary>
    public int Port => port;

    /// <summary>Why not.</summary>
    public SocketException Cause { get; } = cause ?? throw new ArgumentNullException(nameof(cause));
}

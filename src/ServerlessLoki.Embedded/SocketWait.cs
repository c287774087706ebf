using System.Buffers.Binary;
using System.Net.Sockets;

namespace ServerlessLoki.Embedded;

/// <summary>How long a socket's last bytes have been waiting in the kernel: while all threads are busy, requests wait there unseen.</summary>
/// <remarks>Linux says when the last segment came (<c>tcpi_last_data_recv</c>, milliseconds, see tcp(7) and linux/tcp.h). Elsewhere it is not
/// known and taken for zero.</remarks>
internal sealed class SocketWait(Socket? socket)
{
    private const int IpProtocolTcp = 6;
    private const int TcpInfo = 11;

    /// <summary>Eight bytes of state, then numbers of four bytes each; this is the twelfth.</summary>
    private const int LastDataReceived = 8 + (11 * sizeof(uint));

    /// <summary>What no request waits: numbers above it are of connections without data.</summary>
    private const uint MostMs = 60_000;

    /// <summary>Until now.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            if (socket is null || !OperatingSystem.IsLinux())
                return TimeSpan.Zero;
            Span<byte> info = stackalloc byte[LastDataReceived + sizeof(uint)];
            try
            {
                return socket.GetRawSocketOption(IpProtocolTcp, TcpInfo, info) == info.Length
                    && BinaryPrimitives.ReadUInt32LittleEndian(info[LastDataReceived..]) is var ms and <= MostMs
                    ? TimeSpan.FromMilliseconds(ms)
                    : TimeSpan.Zero;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The connection is closing.
                return TimeSpan.Zero;
            }
        }
    }
}

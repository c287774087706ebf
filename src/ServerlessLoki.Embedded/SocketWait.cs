using System.Buffers.Binary;
using System.Net.Sockets;

namespace ServerlessLoki.Embedded;

/// <summary>Time that a socket's last bytes have waited in the kernel. While all threads are busy, requests wait there unseen.</summary>
/// <remarks>Linux says when the last segment came (<c>tcpi_last_data_recv</c>, milliseconds, see tcp(7) and linux/tcp.h). Elsewhere it is not
/// known and taken for zero.</remarks>
internal sealed class SocketWait(Socket? socket)
{
    private const int IpProtocolTcp = 6;
    private const int TcpInfo = 11;

    /// <summary>Offset of the value in the structure: eight bytes of state, then numbers of four bytes each, of which this is the
    /// twelfth.</summary>
    private const int LastDataReceived = 8 + (11 * sizeof(uint));

    /// <summary>Longest plausible wait, milliseconds: larger values come from connections without data.</summary>
    private const uint MostMs = 60_000;

    /// <summary>Time from the last bytes' arrival until now.</summary>
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

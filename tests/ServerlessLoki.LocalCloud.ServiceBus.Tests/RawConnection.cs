using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

/// <summary>A socket to the AMQP port that says what a client would not.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private RawConnection()
    {
    }

    public static byte[] SaslHeader => "AMQP\u0003\u0001\0\0"u8.ToArray();

    public static byte[] AmqpHeader => "AMQP\0\u0001\0\0"u8.ToArray();

    /// <summary>Open with the container id "x".</summary>
    public static byte[] Open => Frame(0, [0x00, 0x53, 0x10, 0xC0, 0x04, 0x01, 0xA1, 0x01, (byte)'x']);

    /// <summary>Begin of a session with usual windows.</summary>
    public static byte[] Begin => Frame(0, [0x00, 0x53, 0x11, 0xC0, 0x07, 0x04, 0x40, 0x43, 0x52, 0x64, 0x52, 0x64]);

    public static async Task<RawConnection> ToAsync(LocalServiceBus broker)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, broker.AmqpPort), TestBus.Stop);
        return connection;
    }

    /// <summary>A whole frame: size, offset of its data, type, channel, body.</summary>
    public static byte[] Frame(byte type, byte[] body)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        (frame[4], frame[5]) = (2, type);
        body.CopyTo(frame, 8);
        return frame;
    }

    /// <summary>False when the broker has closed the connection already.</summary>
    public async Task<bool> SendAsync(params byte[][] parts)
    {
        try
        {
            foreach (var part in parts)
                await _socket.SendAsync(part, TestBus.Stop);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Reads until the broker closes the connection; fails when it does not.</summary>
    public async Task<byte[]> ClosedAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestBus.Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var (all, buffer) = (new List<byte>(), new byte[1024]);
        try
        {
            while (await _socket.ReceiveAsync(buffer, limit.Token) is var count and > 0)
                all.AddRange(buffer[..count]);
        }
        catch (SocketException)
        {
            // Reset: closed as well.
        }

        return [.. all];
    }

    public void Dispose() => _socket.Dispose();
}

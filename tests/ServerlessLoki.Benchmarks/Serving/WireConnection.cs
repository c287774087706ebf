using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>One keep-alive HTTP/1.1 connection on a blocking socket: the cheapest client there is, so that its own work is not
/// taken for the server's. One request at a time.</summary>
internal sealed class WireConnection : IDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LengthName = "\r\nContent-Length: "u8.ToArray();
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _answer = new byte[64 << 10];

    public WireConnection(Uri host) => _socket.Connect(host.Host, host.Port);

    /// <summary>Sends a whole request, head and body, and reads the whole answer, which must be a 200.</summary>
    /// <returns>The answer's body; valid until the next call.</returns>
    public ReadOnlySpan<byte> Send(ReadOnlySpan<byte> request)
    {
        _socket.Send(request);
        var (read, head) = (0, -1);
        while (head < 0)
        {
            read += Receive(read);
            head = _answer.AsSpan(0, read).IndexOf(HeadEnd);
        }

        var start = head + HeadEnd.Length;
        var end = start + Length(_answer.AsSpan(0, head));
        if (end > _answer.Length)
            Array.Resize(ref _answer, end);
        while (read < end)
            read += Receive(read);
        if (!_answer.AsSpan().StartsWith("HTTP/1.1 200 "u8))
            throw new InvalidOperationException(Encoding.UTF8.GetString(_answer.AsSpan(0, end)));
        return _answer.AsSpan(start, end - start);
    }

    public void Dispose() => _socket.Dispose();

    private int Receive(int at)
    {
        var read = _socket.Receive(_answer.AsSpan(at));
        return read > 0 ? read : throw new InvalidOperationException("The server closed the connection within an answer.");
    }

    private static int Length(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf(LengthName);
        return at >= 0 && Utf8Parser.TryParse(head[(at + LengthName.Length)..], out int length, out _)
            ? length
            : throw new InvalidOperationException($"An answer without a length: {Encoding.UTF8.GetString(head)}");
    }
}

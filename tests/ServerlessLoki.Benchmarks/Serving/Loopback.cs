using System.Net;
using System.Net.Sockets;

namespace ServerlessLoki.Benchmarks.Serving;

/// <summary>What the kernel alone takes: the bytes of a request there and those of an answer back, between two blocking sockets
/// whose ends do nothing with them.</summary>
internal sealed class Loopback : IDisposable
{
    private readonly Socket _client = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Socket _server;
    private readonly byte[] _request;
    private readonly byte[] _answer;
    private readonly Thread _answering;

    public Loopback(int requestBytes, int answerBytes)
    {
        (_request, _answer) = (new byte[requestBytes], new byte[answerBytes]);
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _client.Connect(listener.LocalEndPoint!);
        _server = listener.Accept();
        _server.NoDelay = true;
        _answering = new Thread(Answer);
        _answering.Start();
    }

    /// <summary>One request there, one answer back.</summary>
    public void Exchange()
    {
        _client.Send(_request);
        Read(_client, _answer);
    }

    public void Dispose()
    {
        _client.Shutdown(SocketShutdown.Both);
        _answering.Join();
        _client.Dispose();
        _server.Dispose();
    }

    private void Answer()
    {
        var arrived = new byte[_request.Length];
        var answer = new byte[_answer.Length];
        while (Read(_server, arrived))
            _server.Send(answer);
    }

    private static bool Read(Socket socket, Span<byte> whole)
    {
        for (var read = 0; read < whole.Length;)
        {
            var part = socket.Receive(whole[read..]);
            if (part == 0)
                return false;
            read += part;
        }

        return true;
    }
}

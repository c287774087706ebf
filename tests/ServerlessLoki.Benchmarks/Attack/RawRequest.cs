using System.Net.Sockets;
using System.Text;

namespace ServerlessLoki.Benchmarks.Attack;

/// <summary>Sends bytes as they are over a connection of its own, and reads the status of the answer.</summary>
internal static class RawRequest
{
    /// <summary>No answer within this is counted as a hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>An answer to a whole request comes within this, mostly.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects.</summary>
    public static async Task<Socket> OpenAsync(Uri server, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The status, or why there is none: <c>cut</c> = the connection was closed without a word, <c>hang</c> = nothing came.</summary>
    public static async Task<string> SendAsync(Uri server, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var socket = await OpenAsync(server, limit.Token);
            await socket.SendAsync(request, limit.Token);
            var buffer = new byte[512];
            var receiving = socket.ReceiveAsync(buffer.AsMemory(), limit.Token).AsTask();
            // The server may wait for a rest that does not come; then it is told so.
            if (await Task.WhenAny(receiving, Task.Delay(Rest, limit.Token)) != receiving)
                socket.Shutdown(SocketShutdown.Send);
            var length = await receiving;
            while (length is > 0 and < 12 && await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token) is var count and > 0)
                length += count;
            return length >= 12 && Encoding.ASCII.GetString(buffer, 0, 5) == "HTTP/" ? Encoding.ASCII.GetString(buffer, 9, 3) : "cut";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "hang";
        }
        catch (SocketException)
        {
            return "cut";
        }
    }
}

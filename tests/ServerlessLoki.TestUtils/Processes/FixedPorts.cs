using System.Net;
using System.Net.Sockets;

namespace ServerlessLoki.TestUtils;

/// <summary>Ports for servers that listen later, or again after they ended.</summary>
/// <remarks>The system gives a port from its own range (from 32768 on Linux, from 49152 elsewhere) to each outgoing connection, also one
/// that was free a moment ago. So these lie below it.</remarks>
public static class FixedPorts
{
    private const int First = 20_000;
    private const int Last = 32_000;

    /// <summary>The first of several ports in a row that nobody listens at.</summary>
    /// <param name="count">How many in a row.</param>
    public static int Free(int count = 1)
    {
        while (true)
        {
            var first = Random.Shared.Next(First, Last - count);
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
